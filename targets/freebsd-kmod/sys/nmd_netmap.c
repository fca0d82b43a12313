/*
 * The connection to in-kernel netmap, and the only file that knows its structures. Each sync copies positions in and out.
 */
#include "nmd.h"

#include <sys/epoch.h>
#include <sys/proc.h>
#include <sys/selinfo.h>
#include <vm/vm.h>
#include <vm/pmap.h>
#include <net/netmap.h>
#include <dev/netmap/netmap_kern.h>
#include <dev/netmap/netmap_mem2.h>

/* The Rust half expects a table entry of two words: a buffer's address in the kernel, and its address on the bus. */
_Static_assert(sizeof(struct lut_entry) == 16 && offsetof(struct lut_entry, paddr) == 8, "PoolEntry of netmap-core");
_Static_assert(sizeof(struct netmap_slot) == 16, "SlotCell of netmap-core");

static void
nmd_view(struct netmap_kring *kring, struct nmd_ring_view *view)
{
	const struct netmap_lut *lut = &kring->na->na_lut;

	*view = (struct nmd_ring_view){
		.slots = kring->ring->slot,
		.table = lut->lut,
		.slot_count = kring->nkr_num_slots,
		.table_entries = lut->objtotal,
		.buffer_size = lut->objsize,
		.hwcur = kring->nr_hwcur,
		.hwtail = kring->nr_hwtail,
		.head = kring->rhead,
	};
}

static int
nmd_sync(struct netmap_kring *kring, uint32_t direction)
{
	struct nmd_softc *sc = if_getsoftc(kring->na->ifp);
	struct nmd_ring_view view;
	uint32_t ended;

	nmd_view(kring, &view);
	ended = (direction == NMD_TX ? sc->entry->txsync : sc->entry->rxsync)(sc->port, kring->ring_id, &view);
	if (ended == NMD_PAUSED)
		return (0);
	if (ended == NMD_FAILED)
		return (nmd_refused(sc, direction, kring->ring_id));
	kring->nr_hwcur = view.hwcur;
	kring->nr_hwtail = view.hwtail;
	if (ended == NMD_REFUSED)
		return (nmd_refused(sc, direction, kring->ring_id));
	kring->nr_kflags &= ~NKR_PENDINTR;
	return (0);
}

static int
nmd_txsync(struct netmap_kring *kring, int flags)
{
	return (nmd_sync(kring, NMD_TX));
}

static int
nmd_rxsync(struct netmap_kring *kring, int flags)
{
	return (nmd_sync(kring, NMD_RX));
}

static struct netmap_kring *
nmd_kring(struct nmd_softc *sc, uint32_t direction, uint32_t queue)
{
	return (NMR(sc->na, direction == NMD_TX ? NR_TX : NR_RX)[queue]);
}

uint32_t
nmd_ring_get(void *device, uint32_t direction, uint32_t queue, struct nmd_ring_view *view)
{
	struct nmd_softc *sc = device;
	struct netmap_kring *kring;

	if (!sc->ring_on[direction][queue])
		return (0);
	kring = nmd_kring(sc, direction, queue);
	/* A running sync may still change the positions; a later one finds the gate closed, or the positions that control has set. */
	while (atomic_load_acq_int((volatile u_int *)&kring->nr_busy) != 0)
		pause("nmdring", 1);
	nmd_view(kring, view);
	return (1);
}

void
nmd_ring_put(void *device, uint32_t direction, uint32_t queue, uint32_t hwcur, uint32_t hwtail)
{
	struct netmap_kring *kring = nmd_kring(device, direction, queue);

	kring->nr_hwcur = hwcur;
	kring->nr_hwtail = hwtail;
}

/* Records which rings are in netmap mode or will be. The device runs if there is one, or if the interface is up. */
static int
nmd_take_modes(struct nmd_softc *sc, bool pending)
{
	sx_xlock(&sc->sx);
	sc->rings_on = 0;
	for (uint32_t direction = 0; direction < NMD_DIRECTIONS; direction++)
		for (uint32_t queue = 0; queue < sc->found.queues; queue++) {
			struct netmap_kring *kring = nmd_kring(sc, direction, queue);
			bool on = (pending ? kring->nr_pending_mode : kring->nr_mode) == NKR_NETMAP_ON;

			/* What it left in the ring is not its successor's. */
			if (sc->ring_on[direction][queue] && !on)
				(void)sc->entry->leave(sc->port, direction, queue);
			sc->ring_on[direction][queue] = on;
			sc->rings_on += on;
		}
	sx_xunlock(&sc->sx);
	return (nmd_is_wanted(sc) ? nmd_do(sc, NMD_DO_UP) : 0);
}

/*
 * A ring enters or leaves netmap mode. netmap holds its own lock and has stopped all rings. The device is stopped, and
 * started again from the current positions of the rings that are then in netmap mode.
 */
static int
nmd_register(struct netmap_adapter *na, int onoff)
{
	struct nmd_softc *sc = if_getsoftc(na->ifp);
	int error;

	if (onoff && na->na_lut.objsize < sc->found.slot_bytes) {
		device_printf(sc->dev, "netmap's buffers of %u bytes are too small: the device writes up to %u\n", na->na_lut.objsize,
		    sc->found.slot_bytes);
		return (EINVAL);
	}
	atomic_store_rel_int(&sc->in_register, 1);
	(void)nmd_do(sc, NMD_DO_DOWN);
	error = nmd_take_modes(sc, true);
	if (onoff && error != 0) {
		(void)nmd_take_modes(sc, false);
	} else {
		netmap_krings_mode_commit(na, onoff);
		(onoff ? nm_set_native_flags : nm_clear_native_flags)(na);
	}
	/* netmap may free the rings after this. Neither the task nor an interrupt's thread is left that found them in use. */
	if (!onoff) {
		taskqueue_drain(sc->tq, &sc->work);
		NET_EPOCH_WAIT();
	}
	atomic_store_rel_int(&sc->in_register, 0);
	return (onoff ? error : 0);
}

/*
 * netmap asks for the numbers of rings before a program's first ring; an error leaves them as they are. netmap does not say
 * which setting a ring that is too long needs, so this logs it.
 */
static int
nmd_config(struct netmap_adapter *na, struct nm_config_info *info)
{
	struct nmd_softc *sc = if_getsoftc(na->ifp);
	size_t bytes = sizeof(struct netmap_ring) + MAX(na->num_tx_desc, na->num_rx_desc) * sizeof(struct netmap_slot);
	size_t size = sizeof(u_int);
	u_int most;

	/* Memory of the program's own has other limits. */
	if (na->nm_mem == &nm_mem &&
	    kernel_sysctlbyname(curthread, "dev.netmap.ring_curr_size", &most, &size, NULL, 0, NULL, 0) == 0 && bytes > most &&
	    ppsratecheck(&sc->ring_size_at, &sc->ring_size_pps, 1))
		device_printf(sc->dev, "a ring of %u slots does not fit: set dev.netmap.ring_size to at least %zu (now %u)\n",
		    MAX(na->num_tx_desc, na->num_rx_desc), bytes, most);
	return (EOPNOTSUPP);
}

/* Before the interface is visible: a program that found it without this adapter would get one that emulates netmap. */
int
nmd_netmap_attach(struct nmd_softc *sc)
{
	struct netmap_adapter na;
	int error;

	if (!nmd_dma_is_direct(sc)) {
		device_printf(sc->dev, "no netmap mode: DMA goes through an IOMMU or bounce buffers\n");
		return (0);
	}
	memset(&na, 0, sizeof(na));
	na.ifp = sc->ifp;
	/* Reserved until the port is attached. */
	na.na_flags = NAF_MOREFRAG | NAF_BUSY;
	na.num_tx_rings = na.num_rx_rings = sc->found.queues;
	na.num_tx_desc = sc->found.tx_slots;
	na.num_rx_desc = sc->found.rx_slots;
	na.rx_buf_maxsize = sc->found.slot_bytes;
	na.nm_config = nmd_config;
	na.nm_register = nmd_register;
	na.nm_txsync = nmd_txsync;
	na.nm_rxsync = nmd_rxsync;
	error = netmap_attach(&na);
	if (error == 0)
		sc->na = NA(sc->ifp);
	return (error);
}

/* The adapter is reserved. */
void
nmd_netmap_detach(struct nmd_softc *sc)
{
	if (sc->na != NULL)
		netmap_detach(sc->ifp);
	sc->na = NULL;
}

/*
 * Whether no program uses the port. The driver has one reference to the adapter; each file descriptor with rings of the port,
 * be they host rings, each pipe, monitor and switch on it has another, and so has an adapter that emulates netmap on top.
 */
static bool
nmd_has_one_reference(struct nmd_softc *sc)
{
	NMG_LOCK_ASSERT();
	return (sc->na == NULL ? !NM_NA_VALID(sc->ifp) : NA(sc->ifp) == sc->na && sc->na->na_refcount == 1);
}

bool
nmd_netmap_is_unused(struct nmd_softc *sc)
{
	bool is_unused;

	NMG_LOCK();
	is_unused = nmd_has_one_reference(sc);
	NMG_UNLOCK();
	return (is_unused);
}

/* Reserves an unused port: netmap returns EBUSY to programs. */
bool
nmd_netmap_reserve(struct nmd_softc *sc)
{
	bool is_unused;

	NMG_LOCK();
	is_unused = nmd_has_one_reference(sc);
	if (is_unused && sc->na != NULL)
		sc->na->na_flags |= NAF_BUSY;
	NMG_UNLOCK();
	return (is_unused);
}

/* Programs may use the port from now on. */
void
nmd_netmap_release(struct nmd_softc *sc)
{
	NMG_LOCK();
	if (sc->na != NULL) {
		/* For frames that a program gives to the network stack. The adapter is older than this function. */
		sc->na->if_input = if_getinputfn(sc->ifp);
		sc->na->na_flags &= ~NAF_BUSY;
	}
	NMG_UNLOCK();
}

/*
 * The functions below use the port's own adapter. The interface's may be another one, which emulates netmap; it frees its
 * rings without asking this driver.
 */

/* Blocks or allows all syncs. */
void
nmd_netmap_hold(struct nmd_softc *sc, bool held)
{
	if (sc->na != NULL)
		netmap_set_all_rings(sc->na, held ? NM_KR_LOCKED : 0);
}

/* Wakes the programs that wait on every `step`-th ring. */
void
nmd_netmap_interrupt(struct nmd_softc *sc, uint32_t causes, uint32_t first, uint32_t step)
{
	u_int work;

	if (sc->na == NULL || !nm_netmap_on(sc->na))
		return;
	for (uint32_t queue = first; queue < sc->found.queues; queue += step) {
		if ((causes & NMD_CAUSE_TX) != 0)
			(void)netmap_common_irq(sc->na, queue, NULL);
		if ((causes & NMD_CAUSE_RX) != 0)
			(void)netmap_common_irq(sc->na, queue, &work);
	}
}
