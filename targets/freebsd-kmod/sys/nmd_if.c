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

static void
nmd_start(struct nmd_softc *sc)
{
	uint8_t mac[6];

	memcpy(mac, if_getlladdr(sc->ifp), sizeof(mac));
	(void)sc->entry->set_mac(sc->port, &mac);
	nmd_set_filter(sc);
	sc->error = sc->entry->up(sc->port);
	sc->is_up = sc->error == 0;
	if (sc->is_up)
		if_setdrvflagbits(sc->ifp, IFF_DRV_RUNNING, IFF_DRV_OACTIVE);
	else
		if_setdrvflagbits(sc->ifp, 0, IFF_DRV_RUNNING);
}

static void
nmd_report_link(struct nmd_softc *sc, const struct nmd_link_state *link)
{
	sc->link = *link;
	if_setbaudrate(sc->ifp, IF_Mbps((uint64_t)link->mbps));
	if_link_state_change(sc->ifp, link->mbps > 0 ? LINK_STATE_UP : LINK_STATE_DOWN);
}

static void
nmd_stop(struct nmd_softc *sc)
{
	static const struct nmd_link_state none;

	sc->error = sc->entry->down(sc->port);
	sc->is_up = false;
	if (sc->ifp != NULL) {
		if_setdrvflagbits(sc->ifp, 0, IFF_DRV_RUNNING);
		if (sc->link.mbps > 0)
			nmd_report_link(sc, &none);
	}
}

static void
nmd_poll_link(struct nmd_softc *sc, bool reported)
{
	struct nmd_link_state link;

	if (sc->entry->link(sc->port, reported, &link) != 0)
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
	bool stops = (todo & (NMD_DO_UP | NMD_DO_DOWN)) != 0;

	/* This sleeps until running syncs are done, so it must not hold our lock. */
	if (stops)
		nmd_netmap_hold(sc, true);
	sx_xlock(&sc->sx);
	if ((todo & NMD_DO_DOWN) != 0)
		nmd_stop(sc);
	if ((todo & NMD_DO_UP) != 0 && !sc->is_leaving)
		nmd_start(sc);
	else if ((todo & NMD_DO_FILTER) != 0 && !sc->is_leaving)
		nmd_set_filter(sc);
	if ((todo & NMD_DO_NEGOTIATE) != 0)
		(void)sc->entry->renegotiate(sc->port);
	if ((todo & (NMD_DO_LINK | NMD_DO_TICK | NMD_DO_NEGOTIATE)) != 0 && sc->is_up)
		nmd_poll_link(sc, (todo & NMD_DO_LINK) != 0);
	sx_xunlock(&sc->sx);
	/* If netmap has stopped the rings, it also starts them. */
	if (stops && !sc->in_register)
		nmd_netmap_hold(sc, false);
	/* A reset may have moved positions and discarded the interrupt that reports it. */
	if (stops && sc->is_up)
		nmd_netmap_interrupt(sc, NMD_CAUSE_TX | NMD_CAUSE_RX, 0, 1);
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
	((struct nmd_softc *)arg)->was_up = true;
	nmd_ask(arg, NMD_DO_UP);
}

static int
nmd_ioctl(if_t ifp, u_long command, caddr_t data)
{
	struct nmd_softc *sc = if_getsoftc(ifp);
	uint32_t todo;
	bool wants_up;

	switch (command) {
	case SIOCSIFFLAGS:
		/* The device may run only for a program; then a change of other flags must not stop it. */
		wants_up = (if_getflags(ifp) & IFF_UP) != 0;
		todo = wants_up == sc->is_up || wants_up == sc->was_up ? NMD_DO_FILTER : wants_up ? NMD_DO_UP : NMD_DO_DOWN;
		sc->was_up = wants_up;
		return (nmd_do(sc, todo));
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

void
nmd_if_attach(struct nmd_softc *sc)
{
	if_t ifp = if_alloc_dev(IFT_ETHER, sc->dev);

	TASK_INIT(&sc->work, 0, nmd_work, sc);
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
	ether_ifattach(ifp, sc->found.mac);
	if_link_state_change(ifp, LINK_STATE_DOWN);
}

void
nmd_if_detach(struct nmd_softc *sc)
{
	if (sc->ifp == NULL)
		return;
	ether_ifdetach(sc->ifp);
	ifmedia_removeall(&sc->media);
}
