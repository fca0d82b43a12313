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

static int
nmd_map(struct nmd_softc *sc)
{
	int first = sc->nic->bar < 0 ? 0 : sc->nic->bar;
	int last = sc->nic->bar < 0 ? PCIR_MAX_BAR_0 : sc->nic->bar;

	for (int bar = first; bar <= last && sc->bar == NULL; bar++) {
		sc->bar_rid = PCIR_BAR(bar);
		if (PCI_BAR_IO(pci_read_config(sc->dev, sc->bar_rid, 4)))
			continue;
		sc->bar = bus_alloc_resource_any(sc->dev, SYS_RES_MEMORY, &sc->bar_rid, RF_ACTIVE);
	}
	if (sc->bar == NULL || rman_get_size(sc->bar) < sc->nic->bar_bytes) {
		device_printf(sc->dev, "registers cannot be mapped\n");
		return (ENXIO);
	}
	sc->bar_bytes = rman_get_size(sc->bar);
	return (0);
}

/* Frees everything that attach has allocated, also after attach failed half way. */
static void
nmd_free_all(struct nmd_softc *sc)
{
	if (sc->tq != NULL)
		(void)nmd_do(sc, NMD_DO_DOWN);
	/* Interrupts wake programs, so they end before netmap detaches. The tick reports the link, so it ends before the interface. */
	nmd_interrupt_detach(sc);
	if (sc->tq != NULL) {
		while (taskqueue_cancel_timeout(sc->tq, &sc->tick, NULL) != 0)
			taskqueue_drain_timeout(sc->tq, &sc->tick);
		taskqueue_drain(sc->tq, &sc->work);
	}
	nmd_netmap_detach(sc);
	nmd_if_detach(sc);
	if (sc->tq != NULL)
		taskqueue_free(sc->tq);
	/* A device that failed to stop must not access memory after this. */
	pci_disable_busmaster(sc->dev);
	if (sc->port != NULL)
		sc->entry->release(sc->port);
	if (sc->bar != NULL)
		bus_release_resource(sc->dev, SYS_RES_MEMORY, sc->bar_rid, sc->bar);
	if (sc->ifp != NULL)
		if_free(sc->ifp);
	free(sc->ring_on[NMD_TX], M_NMD);
	free(sc->ring_on[NMD_RX], M_NMD);
	sx_destroy(&sc->sx);
}

static void
nmd_tick(void *arg, int pending)
{
	struct nmd_softc *sc = arg;

	if (!sc->is_leaving) {
		nmd_ask(sc, NMD_DO_TICK);
		taskqueue_enqueue_timeout(sc->tq, &sc->tick, hz);
	}
}

static int
nmd_attach(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);
	const struct nmd_id *id;
	struct nmd_wanted wanted;
	int error;

	sc->dev = dev;
	sc->nic = nmd_find(dev, &id);
	sc->entry = nmd_driver(sc->nic->name, strlen(sc->nic->name));
	if (sc->entry == NULL)
		return (ENXIO);
	sx_init(&sc->sx, "nmd control");
	wanted = (struct nmd_wanted){
		.queues = nmd_queues > 0 ? nmd_queues : MIN(mp_ncpus, 8),
		.tx_slots = MAX(nmd_tx_slots, 0),
		.rx_slots = MAX(nmd_rx_slots, 0),
		.frame_max = ETHERMTU + ETHER_HDR_LEN,
		.vendor = id->vendor,
		.device = id->device,
	};
	error = nmd_map(sc);
	if (error != 0)
		goto fail;
	pci_enable_busmaster(dev);
	error = sc->entry->attach(sc, &wanted, &sc->found, &sc->port);
	if (error != 0)
		goto fail;
	for (int i = 0; i < NMD_DIRECTIONS; i++)
		sc->ring_on[i] = malloc(sc->found.queues * sizeof(bool), M_NMD, M_WAITOK | M_ZERO);
	sc->tq = taskqueue_create("nmd", M_WAITOK, taskqueue_thread_enqueue, &sc->tq);
	TIMEOUT_TASK_INIT(sc->tq, &sc->tick, 0, nmd_tick, sc);
	nmd_if_attach(sc);
	taskqueue_start_threads(&sc->tq, 1, PI_NET, "%s control", device_get_nameunit(dev));
	error = nmd_interrupt_attach(sc);
	if (error != 0)
		goto fail;
	error = nmd_netmap_attach(sc);
	if (error != 0)
		goto fail;
	nmd_sysctl_attach(sc);
	taskqueue_enqueue_timeout(sc->tq, &sc->tick, hz);
	return (0);

fail:
	sc->is_leaving = true;
	nmd_free_all(sc);
	return (error);
}

/* Called for all devices before an unload detaches the first one. */
static int
nmd_quiesce(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);

	if (sc->rings_on == 0)
		return (0);
	device_printf(dev, "busy: a program has a ring open in netmap mode\n");
	return (EBUSY);
}

static int
nmd_detach(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);
	int error;

	sx_xlock(&sc->sx);
	error = nmd_quiesce(dev);
	sc->is_leaving = error == 0;
	sx_xunlock(&sc->sx);
	if (error == 0)
		nmd_free_all(sc);
	return (error);
}

static int
nmd_shutdown(device_t dev)
{
	struct nmd_softc *sc = device_get_softc(dev);

	(void)nmd_do(sc, NMD_DO_DOWN);
	pci_disable_busmaster(dev);
	return (0);
}

static device_method_t nmd_methods[] = {
	DEVMETHOD(device_probe, nmd_probe),
	DEVMETHOD(device_attach, nmd_attach),
	DEVMETHOD(device_quiesce, nmd_quiesce),
	DEVMETHOD(device_detach, nmd_detach),
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
