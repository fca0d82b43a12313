/*
 * The interface for the network stack, and the task that runs all functions that may sleep.
 */
#include "nmd.h"

#include <sys/mbuf.h>
#include <sys/sockio.h>
#include <net/ethernet.h>
#include <net/if_dl.h>
#include <net/if_types.h>

#define	NMD_GROUPS	256

/* Queues a command for the task without waiting. */
void
nmd_ask(struct nmd_softc *sc, uint32_t todo)
{
	atomic_set_32(&sc->todo, todo);
	taskqueue_enqueue(sc->tq, &sc->work);
}

/* Queues a command for the task and waits for it. Returns the error of the last start. */
int
nmd_do(struct nmd_softc *sc, uint32_t todo)
{
	nmd_ask(sc, todo);
	taskqueue_drain(sc->tq, &sc->work);
	return (sc->error);
}

/* Whether the device is to run: for a program, or because the interface is up. */
bool
nmd_is_wanted(struct nmd_softc *sc)
{
	return (sc->rings_on > 0 || (if_getflags(sc->ifp) & IFF_UP) != 0);
}

static u_int
nmd_add_group(void *arg, struct sockaddr_dl *address, u_int count)
{
	uint8_t (*groups)[6] = arg;

	if (count < NMD_GROUPS)
		memcpy(groups[count], LLADDR(address), 6);
	return (1);
}

static void
nmd_set_filter(struct nmd_softc *sc)
{
	uint8_t (*groups)[6];
	int flags = if_getflags(sc->ifp);
	u_int count;

	groups = malloc(sizeof(*groups) * NMD_GROUPS, M_NMD, M_WAITOK);
	count = if_foreach_llmaddr(sc->ifp, nmd_add_group, groups);
	(void)sc->entry->set_filter(sc->port, (flags & IFF_PROMISC) != 0,
	    (flags & IFF_ALLMULTI) != 0 || count > NMD_GROUPS, groups, MIN(count, NMD_GROUPS));
	free(groups, M_NMD);
}

/* Uses the interface's address. FreeBSD asks no driver before it sets one, so an invalid one is replaced by that in use. */
static void
nmd_set_address(struct nmd_softc *sc)
{
	uint8_t mac[6];

	memcpy(mac, if_getlladdr(sc->ifp), sizeof(mac));
	if (memcmp(mac, sc->mac, sizeof(mac)) == 0)
		return;
	if (sc->entry->set_mac(sc->port, &mac) == EINVAL)
		memcpy(if_getlladdr(sc->ifp), sc->mac, sizeof(mac));
	else
		memcpy(sc->mac, mac, sizeof(mac));
}

static void
nmd_report_link(struct nmd_softc *sc, const struct nmd_link_state *link)
{
	sc->link = *link;
	if_setbaudrate(sc->ifp, IF_Mbps((uint64_t)link->mbps));
	if_link_state_change(sc->ifp, link->mbps > 0 ? LINK_STATE_UP : LINK_STATE_DOWN);
}

/* The device was stopped, or did not start. */
static void
nmd_set_stopped(struct nmd_softc *sc)
{
	static const struct nmd_link_state none;

	sc->is_up = false;
	if_setdrvflagbits(sc->ifp, 0, IFF_DRV_RUNNING);
	if (sc->link.mbps > 0)
		nmd_report_link(sc, &none);
}

static void
nmd_start(struct nmd_softc *sc)
{
	nmd_set_address(sc);
	nmd_set_filter(sc);
	sc->error = sc->entry->up(sc->port);
	if (sc->error != 0) {
		nmd_set_stopped(sc);
		return;
	}
	sc->is_up = true;
	if_setdrvflagbits(sc->ifp, IFF_DRV_RUNNING, IFF_DRV_OACTIVE);
}

static void
nmd_stop(struct nmd_softc *sc)
{
	sc->error = sc->entry->down(sc->port);
	nmd_set_stopped(sc);
}

static void
nmd_poll_link(struct nmd_softc *sc, bool reported)
{
	struct nmd_link_state link;
	int error;

	error = sc->entry->link(sc->port, reported, &link);
	if (error == ENXIO) {
		/* From now on syncs fail, so that programs that wait for the device are told. It is polled again after a start. */
		nmd_stop(sc);
		nmd_netmap_interrupt(sc, NMD_CAUSE_TX | NMD_CAUSE_RX, 0, 1);
	}
	if (error != 0)
		return;
	if (link.changed != 0 || (link.mbps > 0) != (sc->link.mbps > 0))
		nmd_report_link(sc, &link);
	/* No interrupt would wake this program: it has no frame at the device. */
	if (link.waiting != 0)
		nmd_netmap_interrupt(sc, NMD_CAUSE_TX | NMD_CAUSE_RX, 0, 1);
}

static void
nmd_work(void *arg, int pending)
{
	struct nmd_softc *sc = arg;
	uint32_t todo = atomic_readandclear_32(&sc->todo);
	bool leaves = atomic_load_acq_int(&sc->state) == NMD_LEAVING;
	bool stops = (todo & (NMD_DO_UP | NMD_DO_DOWN)) != 0;
	/* While netmap waits for this driver, it has stopped the rings itself. */
	bool holds = stops && !leaves && atomic_load_acq_int(&sc->in_register) == 0;

	/* A port that leaves has no program, and its netmap adapter may be gone. */
	if (leaves)
		todo &= NMD_DO_DOWN;
	/* This sleeps until running syncs are done, so it must not hold our lock. */
	if (holds)
		nmd_netmap_hold(sc, true);
	sx_xlock(&sc->sx);
	if (stops)
		sc->error = 0;
	if ((todo & NMD_DO_DOWN) != 0)
		nmd_stop(sc);
	if ((todo & NMD_DO_UP) != 0 && sc->state == NMD_OPEN)
		nmd_start(sc);
	if ((todo & NMD_DO_FILTER) != 0) {
		nmd_set_address(sc);
		nmd_set_filter(sc);
	}
	if ((todo & NMD_DO_NEGOTIATE) != 0)
		(void)sc->entry->renegotiate(sc->port);
	if ((todo & (NMD_DO_LINK | NMD_DO_TICK | NMD_DO_NEGOTIATE)) != 0 && sc->is_up)
		nmd_poll_link(sc, (todo & NMD_DO_LINK) != 0);
	sx_xunlock(&sc->sx);
	/* If netmap has stopped the rings meanwhile, it also starts them. */
	if (holds && atomic_load_acq_int(&sc->in_register) == 0)
		nmd_netmap_hold(sc, false);
	/*
	 * A reset may have moved positions and discarded the interrupt that reports it. After a failed start no interrupt comes,
	 * and only a sync returns to a sleeping program that the device is gone.
	 */
	if (stops && !leaves)
		nmd_netmap_interrupt(sc, NMD_CAUSE_TX | NMD_CAUSE_RX, 0, 1);
}

/* The task runs only what later parts ask for. */
int
nmd_task_attach(struct nmd_softc *sc)
{
	TASK_INIT(&sc->work, 0, nmd_work, sc);
	sc->tq = taskqueue_create("nmd", M_WAITOK, taskqueue_thread_enqueue, &sc->tq);
	taskqueue_start_threads(&sc->tq, 1, PI_NET, "%s control", device_get_nameunit(sc->dev));
	return (0);
}

void
nmd_task_detach(struct nmd_softc *sc)
{
	taskqueue_free(sc->tq);
	sc->tq = NULL;
}

static void
nmd_tick(void *arg, int pending)
{
	struct nmd_softc *sc = arg;

	nmd_ask(sc, NMD_DO_TICK);
	if (atomic_load_acq_int(&sc->state) != NMD_LEAVING)
		taskqueue_enqueue_timeout(sc->tq, &sc->tick, hz);
}

/* Some changes of the link cause no interrupt, so it is read once a second. */
int
nmd_tick_attach(struct nmd_softc *sc)
{
	TIMEOUT_TASK_INIT(sc->tq, &sc->tick, 0, nmd_tick, sc);
	taskqueue_enqueue_timeout(sc->tq, &sc->tick, hz);
	return (0);
}

void
nmd_tick_detach(struct nmd_softc *sc)
{
	/* A tick that has just read the state queues one more. */
	while (taskqueue_cancel_timeout(sc->tq, &sc->tick, NULL) != 0)
		taskqueue_drain_timeout(sc->tq, &sc->tick);
}

/* Frames of the network stack are not supported. */
static int
nmd_transmit(if_t ifp, struct mbuf *m)
{
	struct nmd_softc *sc = if_getsoftc(ifp);

	atomic_add_64(&sc->dropped, 1);
	if_inc_counter(ifp, IFCOUNTER_OQDROPS, 1);
	m_freem(m);
	return (ENOBUFS);
}

static void
nmd_init(void *arg)
{
	struct nmd_softc *sc = arg;

	if (!sc->is_up)
		nmd_ask(sc, NMD_DO_UP);
}

static int
nmd_if_command(if_t ifp, u_long command, caddr_t data)
{
	struct nmd_softc *sc = if_getsoftc(ifp);
	bool is_wanted;

	switch (command) {
	case SIOCSIFFLAGS:
		is_wanted = nmd_is_wanted(sc);
		if (is_wanted != sc->is_up)
			return (nmd_do(sc, is_wanted ? NMD_DO_UP : NMD_DO_DOWN));
		(void)nmd_do(sc, NMD_DO_FILTER);
		return (0);
	case SIOCADDMULTI:
	case SIOCDELMULTI:
		nmd_ask(sc, NMD_DO_FILTER);
		return (0);
	case SIOCGIFMEDIA:
	case SIOCGIFXMEDIA:
	case SIOCSIFMEDIA:
		return (ifmedia_ioctl(ifp, (struct ifreq *)data, &sc->media, command));
	default:
		return (ether_ioctl(ifp, command, data));
	}
}

/* The interface's detach keeps new callers out but does not wait for those inside, so this counts them. */
static int
nmd_ioctl(if_t ifp, u_long command, caddr_t data)
{
	struct nmd_softc *sc = if_getsoftc(ifp);
	int error = ENXIO;

	atomic_add_acq_int(&sc->callers, 1);
	if (atomic_load_acq_int(&sc->state) != NMD_LEAVING)
		error = nmd_if_command(ifp, command, data);
	atomic_subtract_rel_int(&sc->callers, 1);
	return (error);
}

/* The interface has another address. FreeBSD tells drivers of it by SIOCSIFFLAGS only if the interface is up. */
static void
nmd_address_changed(void *arg, if_t ifp)
{
	struct nmd_softc *sc = arg;

	if (ifp == sc->ifp)
		(void)nmd_do(sc, NMD_DO_FILTER);
}

static int
nmd_media_change(if_t ifp)
{
	return (nmd_do(if_getsoftc(ifp), NMD_DO_NEGOTIATE));
}

static void
nmd_media_status(if_t ifp, struct ifmediareq *status)
{
	struct nmd_softc *sc = if_getsoftc(ifp);

	status->ifm_status = IFM_AVALID | (sc->link.mbps > 0 ? IFM_ACTIVE : 0);
	status->ifm_active = IFM_ETHER;
	if (sc->link.mbps == 0) {
		status->ifm_active |= IFM_NONE;
		return;
	}
	status->ifm_active |= sc->link.mbps >= 10000 ? IFM_10G_T : sc->link.mbps >= 1000 ? IFM_1000_T :
	    sc->link.mbps >= 100 ? IFM_100_TX : IFM_10_T;
	status->ifm_active |= sc->link.full_duplex != 0 ? IFM_FDX : IFM_HDX;
}

int
nmd_ifp_attach(struct nmd_softc *sc)
{
	if_t ifp = if_alloc_dev(IFT_ETHER, sc->dev);

	sc->ifp = ifp;
	if_initname(ifp, device_get_name(sc->dev), device_get_unit(sc->dev));
	if_setsoftc(ifp, sc);
	if_setflags(ifp, IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST);
	if_setinitfn(ifp, nmd_init);
	if_setioctlfn(ifp, nmd_ioctl);
	if_settransmitfn(ifp, nmd_transmit);
	if_setqflushfn(ifp, if_qflush);
	ifmedia_init(&sc->media, IFM_IMASK, nmd_media_change, nmd_media_status);
	ifmedia_add(&sc->media, IFM_ETHER | IFM_AUTO, 0, NULL);
	ifmedia_set(&sc->media, IFM_ETHER | IFM_AUTO);
	memcpy(sc->mac, sc->found.mac, sizeof(sc->mac));
	return (0);
}

void
nmd_ifp_detach(struct nmd_softc *sc)
{
	ifmedia_removeall(&sc->media);
	if_free(sc->ifp);
}

int
nmd_if_attach(struct nmd_softc *sc)
{
	ether_ifattach(sc->ifp, sc->found.mac);
	if_link_state_change(sc->ifp, LINK_STATE_DOWN);
	/* First, so that no other handler sees an address that is replaced. */
	sc->address_event = EVENTHANDLER_REGISTER(iflladdr_event, nmd_address_changed, sc, EVENTHANDLER_PRI_FIRST);
	return (0);
}

void
nmd_if_detach(struct nmd_softc *sc)
{
	EVENTHANDLER_DEREGISTER(iflladdr_event, sc->address_event);
	ether_ifdetach(sc->ifp);
	while (atomic_load_acq_int(&sc->callers) != 0)
		pause("nmdioctl", 1);
	/* The last callers may have asked without waiting. */
	taskqueue_drain(sc->tq, &sc->work);
}
