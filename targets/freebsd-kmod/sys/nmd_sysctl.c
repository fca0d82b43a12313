/*
 * What `sysctl dev.nmd.N` shows and takes.
 */
#include "nmd.h"

/* netmap drops the error of a sync, so whoever looks after the machine is told, once a second at most. */
int
nmd_refused(struct nmd_softc *sc, uint32_t direction, uint32_t queue)
{
	char text[128];
	size_t bytes;

	if (ppsratecheck(&sc->refused_at, &sc->refused_pps, 1)) {
		bytes = sc->entry->describe(sc->port, direction, queue, text, sizeof(text));
		device_printf(sc->dev, "%s ring %u: %.*s\n", direction == NMD_TX ? "tx" : "rx", queue, (int)bytes, text);
	}
	return (EINVAL);
}

static int
nmd_counter(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	uint64_t total = 0;

	sx_xlock(&sc->sx);
	if (sc->entry->statistics(sc->port, sc->totals, sc->nic->counter_count) == 0)
		total = sc->totals[arg2];
	sx_xunlock(&sc->sx);
	return (sysctl_handle_64(oidp, &total, 0, req));
}

/* `arg2` is the number of the ring, its direction and the number of the counter, in this order from above. */
#define	NMD_RING_ARG(queue, direction, counter)	((queue) << 8 | (direction) << 4 | (counter))

static int
nmd_ring_counter(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	uint64_t counters[NMD_COUNTERS] = { 0 };

	/* A ring that syncs is asked again. */
	for (int tries = 0; tries < 100; tries++) {
		if (sc->entry->counters(sc->port, arg2 >> 4 & 1, arg2 >> 8, &counters) != 0)
			break;
		pause("nmd", 1);
	}
	return (sysctl_handle_64(oidp, &counters[arg2 & 15], 0, req));
}

static int
nmd_command(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	int value = 0, error;

	error = sysctl_handle_int(oidp, &value, 0, req);
	if (error != 0 || req->newptr == NULL || value == 0)
		return (error);
	return (sc->is_up ? nmd_do(sc, arg2) : ENETDOWN);
}

static void
nmd_rings(struct nmd_softc *sc, struct sysctl_ctx_list *ctx, struct sysctl_oid_list *above, uint32_t direction)
{
	static const char *const names[NMD_DIRECTIONS][NMD_COUNTERS] = {
		{ "handed", "sent", "dropped", NULL, "faults", "refused" },
		{ "received", NULL, NULL, "errors", "faults", "refused" },
	};
	static const char *const titles[NMD_COUNTERS] = {
		"Frames given to the device or received", "Frames known to be sent", "Frames dropped at a reset",
		"Frames with errors", "Times the device told what cannot be", "Syncs refused"
	};
	struct sysctl_oid *ring;
	char name[16];

	for (uint32_t queue = 0; queue < sc->wanted.queues; queue++) {
		snprintf(name, sizeof(name), "%s%u", direction == NMD_TX ? "tx" : "rx", queue);
		ring = SYSCTL_ADD_NODE(ctx, above, OID_AUTO, name, CTLFLAG_RD | CTLFLAG_MPSAFE, NULL, "Ring");
		for (int i = 0; i < NMD_COUNTERS; i++)
			if (names[direction][i] != NULL)
				SYSCTL_ADD_PROC(ctx, SYSCTL_CHILDREN(ring), OID_AUTO, names[direction][i],
				    CTLTYPE_U64 | CTLFLAG_RD | CTLFLAG_MPSAFE, sc, NMD_RING_ARG(queue, direction, i),
				    nmd_ring_counter, "QU", titles[i]);
	}
}

void
nmd_sysctl_attach(struct nmd_softc *sc)
{
	struct sysctl_ctx_list *ctx = device_get_sysctl_ctx(sc->dev);
	struct sysctl_oid_list *top = SYSCTL_CHILDREN(device_get_sysctl_tree(sc->dev));
	struct sysctl_oid *counters;

	SYSCTL_ADD_U64(ctx, top, OID_AUTO, "stack_dropped", CTLFLAG_RD, &sc->dropped, 0,
	    "Frames of the network stack that were dropped");
	SYSCTL_ADD_PROC(ctx, top, OID_AUTO, "reset", CTLTYPE_INT | CTLFLAG_RW | CTLFLAG_MPSAFE, sc, NMD_DO_UP, nmd_command,
	    "I", "Write 1 to reset the device; rings go on");
	SYSCTL_ADD_PROC(ctx, top, OID_AUTO, "renegotiate", CTLTYPE_INT | CTLFLAG_RW | CTLFLAG_MPSAFE, sc, NMD_DO_NEGOTIATE,
	    nmd_command, "I", "Write 1 to negotiate the link again");
	counters = SYSCTL_ADD_NODE(ctx, top, OID_AUTO, "counters", CTLFLAG_RD | CTLFLAG_MPSAFE, NULL, "Counters of the NIC");
	for (size_t i = 0; i < sc->nic->counter_count; i++)
		SYSCTL_ADD_PROC(ctx, SYSCTL_CHILDREN(counters), OID_AUTO, sc->nic->counters[i].name,
		    CTLTYPE_U64 | CTLFLAG_RD | CTLFLAG_MPSAFE, sc, i, nmd_counter, "QU", sc->nic->counters[i].title);
	nmd_rings(sc, ctx, top, NMD_TX);
	nmd_rings(sc, ctx, top, NMD_RX);
}
