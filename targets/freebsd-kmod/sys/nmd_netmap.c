/*
 * The connection to in-kernel netmap, and the only file that knows its structures. Each sync copies positions in and out.
 */
#include "nmd.h"

#include <sys/selinfo.h>
#include <vm/vm.h>
#include <vm/pmap.h>
#include <net/netmap.h>
#include <dev/netmap/netmap_kern.h>

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
	return (NMR(NA(sc->ifp), direction == NMD_TX ? NR_TX : NR_RX)[queue]);
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

			sc->ring_on[direction][queue] = on;
			sc->rings_on += on;
		}
	sx_xunlock(&sc->sx);
	return (sc->rings_on > 0 || (if_getflags(sc->ifp) & IFF_UP) != 0 ? nmd_do(sc, NMD_DO_UP) : 0);
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

	if (onoff && sc->is_leaving)
		return (ENXIO);
	if (onoff && na->na_lut.objsize < sc->found.slot_bytes) {
		device_printf(sc->dev, "netmap's buffers of %u bytes are too small: the device writes up to %u\n", na->na_lut.objsize,
		    sc->found.slot_bytes);
		return (EINVAL);
	}
	sc->in_register = true;
	(void)nmd_do(sc, NMD_DO_DOWN);
	error = nmd_take_modes(sc, true);
	if (onoff && error != 0) {
		(void)nmd_take_modes(sc, false);
	} else {
		netmap_krings_mode_commit(na, onoff);
		(onoff ? nm_set_native_flags : nm_clear_native_flags)(na);
	}
	sc->in_register = false;
	return (onoff ? error : 0);
}

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
	na.na_flags = NAF_MOREFRAG;
	na.num_tx_rings = na.num_rx_rings = sc->found.queues;
	na.num_tx_desc = sc->found.tx_slots;
	na.num_rx_desc = sc->found.rx_slots;
	na.rx_buf_maxsize = sc->found.slot_bytes;
	na.nm_register = nmd_register;
	na.nm_txsync = nmd_txsync;
	na.nm_rxsync = nmd_rxsync;
	error = netmap_attach(&na);
	sc->netmap_attached = error == 0;
	return (error);
}

void
nmd_netmap_detach(struct nmd_softc *sc)
{
	if (sc->netmap_attached)
		netmap_detach(sc->ifp);
	sc->netmap_attached = false;
}

/* Blocks or allows all syncs. */
void
nmd_netmap_hold(struct nmd_softc *sc, bool held)
{
	if (sc->netmap_attached)
		(held ? netmap_disable_all_rings : netmap_enable_all_rings)(sc->ifp);
}

/* Wakes the programs that wait on every `step`-th ring. */
void
nmd_netmap_interrupt(struct nmd_softc *sc, uint32_t causes, uint32_t first, uint32_t step)
{
	u_int work;

	if (!sc->netmap_attached)
		return;
	for (uint32_t queue = first; queue < sc->found.queues; queue += step) {
		if ((causes & NMD_CAUSE_TX) != 0)
			(void)netmap_tx_irq(sc->ifp, queue);
		if ((causes & NMD_CAUSE_RX) != 0)
			(void)netmap_rx_irq(sc->ifp, queue, &work);
	}
}
