/*
 * Interrupts: MSI-X, otherwise MSI, otherwise the shared line.
 */
#include "nmd.h"

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

static int nmd_msix = 1;
SYSCTL_INT(_hw_nmd, OID_AUTO, msix, CTLFLAG_RDTUN, &nmd_msix, 0, "1: use MSI-X if available, with a vector for each pair of rings");
static int nmd_msi = 1;
SYSCTL_INT(_hw_nmd, OID_AUTO, msi, CTLFLAG_RDTUN, &nmd_msi, 0, "1: use MSI if available and MSI-X is not");

static int
nmd_filter(void *arg)
{
	struct nmd_vector *vector = arg;
	uint32_t causes = vector->sc->entry->interrupt(vector->sc->port, vector->number);

	if (causes == 0)
		return (FILTER_STRAY);
	atomic_set_32(&vector->causes, causes);
	return (FILTER_SCHEDULE_THREAD);
}

/* Of several vectors the last one is for everything except rings. Pairs of rings share the others. */
static void
nmd_interrupt(void *arg)
{
	struct nmd_vector *vector = arg;
	struct nmd_softc *sc = vector->sc;
	uint32_t causes = atomic_readandclear_32(&vector->causes);

	sc->entry->service(sc->port, causes);
	nmd_netmap_interrupt(sc, causes, vector->number, MAX(sc->vector_count, 2) - 1);
	if ((causes & NMD_CAUSE_LINK) != 0)
		nmd_ask(sc, NMD_DO_LINK);
}

/* The memory of the MSI-X table, if it is not in the BAR of the registers. */
static bool
nmd_map_table(struct nmd_softc *sc)
{
	int bars[] = { pci_msix_table_bar(sc->dev), pci_msix_pba_bar(sc->dev) };

	for (int i = 0; i < nitems(bars); i++) {
		if (bars[i] == sc->bar_rid || (i > 0 && bars[i] == bars[0]))
			continue;
		sc->table[i] = bus_alloc_resource_any(sc->dev, SYS_RES_MEMORY, &bars[i], RF_ACTIVE);
		if (sc->table[i] == NULL)
			return (false);
	}
	return (true);
}

/* The number of vectors of a kind; 0 if the kind is not available. One MSI-X vector is no better than MSI. */
static int
nmd_count(struct nmd_softc *sc)
{
	int count = 1;

	if (sc->kind == NMD_INTX)
		return (1);
	if (sc->kind == NMD_MSI)
		return (nmd_msi != 0 && pci_alloc_msi(sc->dev, &count) == 0 ? 1 : 0);
	count = MIN(MIN(sc->found.vectors, sc->found.queues + 1), pci_msix_count(sc->dev));
	if (nmd_msix == 0 || count < 2 || !nmd_map_table(sc) || pci_alloc_msix(sc->dev, &count) != 0)
		return (0);
	return (count < 2 ? 0 : count);
}

static int
nmd_setup(struct nmd_softc *sc)
{
	struct nmd_vector *vector = sc->vectors;
	int error;

	error = sc->entry->set_vectors(sc->port, sc->vector_count > 1 ? sc->vector_count : 0);
	for (int i = 0; error == 0 && i < sc->vector_count; i++, vector++) {
		*vector = (struct nmd_vector){ .sc = sc, .number = i, .rid = sc->kind == NMD_INTX ? 0 : i + 1 };
		vector->irq = bus_alloc_resource_any(sc->dev, SYS_RES_IRQ, &vector->rid,
		    RF_ACTIVE | (sc->kind == NMD_INTX ? RF_SHAREABLE : 0));
		if (vector->irq == NULL)
			return (ENXIO);
		error = bus_setup_intr(sc->dev, vector->irq, INTR_TYPE_NET | INTR_MPSAFE, nmd_filter, nmd_interrupt, vector,
		    &vector->cookie);
		if (error == 0 && sc->vector_count > 1)
			bus_describe_intr(sc->dev, vector->irq, vector->cookie,
			    i + 1 < sc->vector_count ? "pair %d" : "link", i);
	}
	return (error);
}

int
nmd_interrupt_attach(struct nmd_softc *sc)
{
	static const char *const names[] = { "MSI-X", "MSI", "INTx" };

	for (sc->kind = NMD_MSIX; sc->kind <= NMD_INTX; sc->kind++) {
		sc->vector_count = nmd_count(sc);
		sc->vectors = malloc((sc->vector_count + 1) * sizeof(*sc->vectors), M_NMD, M_WAITOK | M_ZERO);
		if (sc->vector_count > 0 && nmd_setup(sc) == 0) {
			device_printf(sc->dev, "%.*s, %u queues, %u interrupts (%s)\n", (int)sc->found.variant_bytes,
			    sc->found.variant, sc->found.queues, sc->vector_count, names[sc->kind]);
			return (0);
		}
		nmd_interrupt_detach(sc);
	}
	device_printf(sc->dev, "no interrupt\n");
	return (ENXIO);
}

void
nmd_interrupt_detach(struct nmd_softc *sc)
{
	for (int i = 0; i < sc->vector_count; i++) {
		struct nmd_vector *vector = &sc->vectors[i];

		if (vector->cookie != NULL)
			bus_teardown_intr(sc->dev, vector->irq, vector->cookie);
		if (vector->irq != NULL)
			bus_release_resource(sc->dev, SYS_RES_IRQ, vector->rid, vector->irq);
	}
	if (sc->kind < NMD_INTX)
		pci_release_msi(sc->dev);
	for (int i = 0; i < nitems(sc->table); i++)
		if (sc->table[i] != NULL)
			bus_release_resource(sc->dev, SYS_RES_MEMORY, rman_get_rid(sc->table[i]), sc->table[i]);
	memset(sc->table, 0, sizeof(sc->table));
	sc->vector_count = 0;
	free(sc->vectors, M_NMD);
	sc->vectors = NULL;
}
