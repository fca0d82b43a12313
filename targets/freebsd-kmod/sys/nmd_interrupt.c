/*
 * Interrupts: MSI-X, MSI or the shared line, whichever the NIC and the machine have first.
 */
#include "nmd.h"

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

static int nmd_msix = 1;
SYSCTL_INT(_hw_nmd, OID_AUTO, msix, CTLFLAG_RDTUN, &nmd_msix, 0, "A message-signalled interrupt a pair of rings, if there are any");
static int nmd_msi = 1;
SYSCTL_INT(_hw_nmd, OID_AUTO, msi, CTLFLAG_RDTUN, &nmd_msi, 0, "A message-signalled interrupt, if there is one");

static int
nmd_filter(void *arg)
{
	struct nmd_message *message = arg;
	uint32_t causes = message->sc->entry->interrupt(message->sc->port, message->number);

	if (causes == 0)
		return (FILTER_STRAY);
	atomic_set_32(&message->causes, causes);
	return (FILTER_SCHEDULE_THREAD);
}

/* Of several messages the last one is for what is no ring's, and each of the others for every so many pairs of rings. */
static void
nmd_interrupt(void *arg)
{
	struct nmd_message *message = arg;
	struct nmd_softc *sc = message->sc;
	uint32_t causes = atomic_readandclear_32(&message->causes);

	sc->entry->service(sc->port, causes);
	nmd_netmap_interrupt(sc, causes, message->number, MAX(sc->message_count, 2) - 1);
	if ((causes & NMD_CAUSE_LINK) != 0)
		nmd_ask(sc, NMD_DO_LINK);
}

/* The memory that messages of MSI-X are set up in, where the registers are not in it. */
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

/* How many messages there are of a kind; 0 if it cannot be had. One message of MSI-X is no better than MSI. */
static int
nmd_count(struct nmd_softc *sc)
{
	int count = 1;

	if (sc->kind == NMD_INTX)
		return (1);
	if (sc->kind == NMD_MSI)
		return (nmd_msi != 0 && pci_alloc_msi(sc->dev, &count) == 0 ? 1 : 0);
	count = MIN(MIN(sc->nic->vectors, sc->found.queues + 1), pci_msix_count(sc->dev));
	if (nmd_msix == 0 || count < 2 || !nmd_map_table(sc) || pci_alloc_msix(sc->dev, &count) != 0)
		return (0);
	return (count < 2 ? 0 : count);
}

static int
nmd_setup(struct nmd_softc *sc)
{
	struct nmd_message *message = sc->messages;
	int error;

	error = sc->entry->messages(sc->port, sc->message_count > 1 ? sc->message_count : 0);
	for (int i = 0; error == 0 && i < sc->message_count; i++, message++) {
		*message = (struct nmd_message){ .sc = sc, .number = i, .rid = sc->kind == NMD_INTX ? 0 : i + 1 };
		message->irq = bus_alloc_resource_any(sc->dev, SYS_RES_IRQ, &message->rid,
		    RF_ACTIVE | (sc->kind == NMD_INTX ? RF_SHAREABLE : 0));
		if (message->irq == NULL)
			return (ENXIO);
		error = bus_setup_intr(sc->dev, message->irq, INTR_TYPE_NET | INTR_MPSAFE, nmd_filter, nmd_interrupt, message,
		    &message->cookie);
		if (error == 0 && sc->message_count > 1)
			bus_describe_intr(sc->dev, message->irq, message->cookie,
			    i + 1 < sc->message_count ? "pair %d" : "link", i);
	}
	return (error);
}

int
nmd_interrupt_attach(struct nmd_softc *sc)
{
	static const char *const names[] = { "MSI-X", "MSI", "INTx" };

	for (sc->kind = NMD_MSIX; sc->kind <= NMD_INTX; sc->kind++) {
		sc->message_count = nmd_count(sc);
		sc->messages = malloc((sc->message_count + 1) * sizeof(*sc->messages), M_NMD, M_WAITOK | M_ZERO);
		if (sc->message_count > 0 && nmd_setup(sc) == 0) {
			device_printf(sc->dev, "%.*s, %u queues, %u interrupts (%s)\n", (int)sc->found.variant_bytes,
			    sc->found.variant, sc->found.queues, sc->message_count, names[sc->kind]);
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
	for (int i = 0; i < sc->message_count; i++) {
		struct nmd_message *message = &sc->messages[i];

		if (message->cookie != NULL)
			bus_teardown_intr(sc->dev, message->irq, message->cookie);
		if (message->irq != NULL)
			bus_release_resource(sc->dev, SYS_RES_IRQ, message->rid, message->irq);
	}
	if (sc->kind < NMD_INTX)
		pci_release_msi(sc->dev);
	for (int i = 0; i < nitems(sc->table); i++)
		if (sc->table[i] != NULL)
			bus_release_resource(sc->dev, SYS_RES_MEMORY, rman_get_rid(sc->table[i]), sc->table[i]);
	memset(sc->table, 0, sizeof(sc->table));
	sc->message_count = 0;
	free(sc->messages, M_NMD);
	sc->messages = NULL;
}
