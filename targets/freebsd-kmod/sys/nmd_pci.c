/*
 * The PCI device: probing, resources, attach and detach.
 */
#include "nmd.h"

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>
#include <net/ethernet.h>
#include <sys/smp.h>

SYSCTL_NODE(_hw, OID_AUTO, nmd, CTLFLAG_RD | CTLFLAG_MPSAFE, NULL, "NIC drivers for netmap");

static int nmd_queues = 0;
SYSCTL_INT(_hw_nmd, OID_AUTO, queues, CTLFLAG_RDTUN, &nmd_queues, 0, "Pairs of rings per port; 0: one per processor, at most 8");
static int nmd_tx_slots = 512;
SYSCTL_INT(_hw_nmd, OID_AUTO, tx_slots, CTLFLAG_RDTUN, &nmd_tx_slots, 0, "Slots of a transmit ring");
static int nmd_rx_slots = 512;
SYSCTL_INT(_hw_nmd, OID_AUTO, rx_slots, CTLFLAG_RDTUN, &nmd_rx_slots, 0, "Slots of a receive ring");

static const struct nmd_nic *
nmd_find(device_t dev, const struct nmd_id **found)
{
	const struct nmd_nic *const *nic;

	for (nic = nmd_nics; *nic != NULL; nic++)
		for (size_t i = 0; i < (*nic)->id_count; i++) {
			const struct nmd_id *id = &(*nic)->ids[i];

			if (id->vendor == pci_get_vendor(dev) && id->device == pci_get_device(dev)) {
				*found = id;
				return (*nic);
			}
		}
	return (NULL);
}

static int
nmd_probe(device_t dev)
{
	const struct nmd_id *id;

	if (nmd_find(dev, &id) == NULL)
		return (ENXIO);
	device_set_desc(dev, id->title);
	/* FreeBSD's own drivers carry the stack's frames, so they take precedence. */
	return (BUS_PROBE_LOW_PRIORITY);
}

/* Registers. */
static int
nmd_bar_attach(struct nmd_softc *sc)
{
	int first = sc->nic->bar < 0 ? 0 : sc->nic->bar;
	int last = sc->nic->bar < 0 ? PCIR_MAX_BAR_0 : sc->nic->bar;

	for (int bar = first; bar <= last && sc->bar == NULL; bar++) {
		sc->bar_rid = PCIR_BAR(bar);
		if (PCI_BAR_IO(pci_read_config(sc->dev, sc->bar_rid, 4)))
			continue;
		sc->bar = bus_alloc_resource_any(sc->dev, SYS_RES_MEMORY, &sc->bar_rid, RF_ACTIVE);
	}
	if (sc->bar != NULL && rman_get_size(sc->bar) >= sc->nic->bar_bytes) {
		sc->bar_bytes = rman_get_size(sc->bar);
		return (0);
	}
	device_printf(sc->dev, "registers cannot be mapped\n");
	if (sc->bar != NULL)
		bus_release_resource(sc->dev, SYS_RES_MEMORY, sc->bar_rid, sc->bar);
	return (ENXIO);
}

static void
nmd_bar_detach(struct nmd_softc *sc)
{
	bus_release_resource(sc->dev, SYS_RES_MEMORY, sc->bar_rid, sc->bar);
}

/* The Rust half, and the memory that the device accesses. */
static int
nmd_port_attach(struct nmd_softc *sc)
{
	const struct nmd_id *id;
	struct nmd_wanted wanted;
	int error;

	(void)nmd_find(sc->dev, &id);
	wanted = (struct nmd_wanted){
		.queues = nmd_queues > 0 ? nmd_queues : MIN(mp_ncpus, 8),
		.tx_slots = MAX(nmd_tx_slots, 0),
		.rx_slots = MAX(nmd_rx_slots, 0),
		.frame_max = ETHERMTU + ETHER_HDR_LEN,
		.pci = {
			.vendor = id->vendor,
			.device = id->device,
			.subsystem_vendor = pci_get_subvendor(sc->dev),
			.subsystem_device = pci_get_subdevice(sc->dev),
			.revision = pci_get_revid(sc->dev),
		},
	};
	pci_enable_busmaster(sc->dev);
	error = sc->entry->attach(sc, &wanted, &sc->found, &sc->port);
	if (error != 0) {
		pci_disable_busmaster(sc->dev);
		return (error);
	}
	for (int i = 0; i < NMD_DIRECTIONS; i++)
		sc->ring_on[i] = malloc(sc->found.queues * sizeof(bool), M_NMD, M_WAITOK | M_ZERO);
	return (0);
}

static void
nmd_port_detach(struct nmd_softc *sc)
{
	/* A device that failed to stop must not access memory after this. */
	pci_disable_busmaster(sc->dev);
	sc->entry->release(sc->port);
	free(sc->ring_on[NMD_TX], M_NMD);
	free(sc->ring_on[NMD_RX], M_NMD);
}

/*
 * The parts of a port, each with one way into it. A port attaches them from first to last, and detaches them from last to
 * first, also when one of them fails to attach. A part calls only those before it, and is called only by those after it and
 * from outside. Its detach keeps callers from outside out and waits for those inside, so that nobody is left in a part when
 * those before it go. One that fails to attach leaves nothing.
 */
static const struct nmd_part {
	int	(*attach)(struct nmd_softc *);
	void	(*detach)(struct nmd_softc *);
} nmd_parts[] = {
	{ nmd_bar_attach, nmd_bar_detach },
	{ nmd_port_attach, nmd_port_detach },
	{ nmd_ifp_attach, nmd_ifp_detach },
	{ nmd_task_attach, nmd_task_detach },
	{ nmd_netmap_attach, nmd_netmap_detach },
	{ nmd_if_attach, nmd_if_detach },
	{ nmd_interrupt_attach, nmd_interrupt_detach },
	{ nmd_tick_attach, nmd_tick_detach },
	{ nmd_sysctl_attach, nmd_sysctl_detach },
};

static void
nmd_set_state(struct nmd_softc *sc, enum nmd_state state)
{
	sx_xlock(&sc->sx);
	atomic_store_rel_int(&sc->state, state);
	sx_xunlock(&sc->sx);
}

/* Starts the device if a program or the interface has asked for it meanwhile. */
static int
nmd_open(struct nmd_softc *sc)
{
	nmd_set_state(sc, NMD_OPEN);
	return (nmd_is_wanted(sc) ? nmd_do(sc, NMD_DO_UP) : 0);
}

/* Stops the device; it does not start again in this state. */
static void
nmd_close(struct nmd_softc *sc, enum nmd_state state)
{
	nmd_set_state(sc, state);
	if (sc->tq != NULL)
		(void)nmd_do(sc, NMD_DO_DOWN);
}

/* Detaches the first `count` parts. */
static void
nmd_detach_parts(struct nmd_softc *sc, int count)
{
	nmd_close(sc, NMD_LEAVING);
	while (count > 0)
		nmd_parts[--count].detach(sc);
	sx_destroy(&sc->sx);
}

static int
nmd_attach(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);
	const struct nmd_id *id;
	int error;

	sc->dev = dev;
	sc->nic = nmd_find(dev, &id);
	sc->entry = nmd_driver(sc->nic->name, strlen(sc->nic->name));
	if (sc->entry == NULL)
		return (ENXIO);
	sx_init(&sc->sx, "nmd control");
	for (int i = 0; i < nitems(nmd_parts); i++) {
		error = nmd_parts[i].attach(sc);
		if (error != 0) {
			nmd_detach_parts(sc, i);
			return (error);
		}
	}
	nmd_netmap_release(sc);
	(void)nmd_open(sc);
	return (0);
}

static int
nmd_busy(device_t dev, bool is_unused)
{
	if (is_unused)
		return (0);
	device_printf(dev, "busy: a program uses the port\n");
	return (EBUSY);
}

/* Called for all devices before an unload detaches the first one. */
static int
nmd_quiesce(device_t dev)
{
	return (nmd_busy(dev, nmd_netmap_is_unused(device_get_softc(dev))));
}

static int
nmd_detach(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);
	int error = nmd_busy(dev, nmd_netmap_reserve(sc));

	if (error == 0)
		nmd_detach_parts(sc, nitems(nmd_parts));
	return (error);
}

/* Also before the bus resets the device (`devctl reset`). Programs notice a pause. */
static int
nmd_suspend(device_t dev)
{
	nmd_close(device_get_softc(dev), NMD_HELD);
	return (0);
}

static int
nmd_resume(device_t dev)
{
	return (nmd_open(device_get_softc(dev)));
}

static int
nmd_shutdown(device_t dev)
{
	nmd_close(device_get_softc(dev), NMD_HELD);
	pci_disable_busmaster(dev);
	return (0);
}

static device_method_t nmd_methods[] = {
	DEVMETHOD(device_probe, nmd_probe),
	DEVMETHOD(device_attach, nmd_attach),
	DEVMETHOD(device_quiesce, nmd_quiesce),
	DEVMETHOD(device_detach, nmd_detach),
	DEVMETHOD(device_suspend, nmd_suspend),
	DEVMETHOD(device_resume, nmd_resume),
	DEVMETHOD(device_shutdown, nmd_shutdown),
	DEVMETHOD_END
};

static driver_t nmd_pci_driver = {
	"nmd", nmd_methods, sizeof(struct nmd_softc)
};

DRIVER_MODULE(nmd, pci, nmd_pci_driver, NULL, NULL);
MODULE_VERSION(nmd, 1);
MODULE_DEPEND(nmd, pci, 1, 1, 1);
MODULE_DEPEND(nmd, ether, 1, 1, 1);
MODULE_DEPEND(nmd, netmap, 1, 1, 1);
