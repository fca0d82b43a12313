/*
 * The nodes of `sysctl dev.nmd.N`.
 */
#include "nmd.h"

/* Enough bytes for the text of all registers. */
#define	NMD_TEXT_BYTES	(256 * 1024)

/* netmap drops the error of a sync, so this logs it, at most once a second. */
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

/* Reads a number from the Rust half. It is busy while a sync uses the ring. */
static int
nmd_number(struct nmd_softc *sc, uint32_t number, uint64_t *value)
{
	int error = EBUSY;

	for (int tries = 0; tries < 100 && error == EBUSY; tries++) {
		sx_xlock(&sc->sx);
		error = sc->entry->number(sc->port, number, value);
		sx_xunlock(&sc->sx);
		if (error == EBUSY)
			pause("nmd", 1);
	}
	return (error);
}

static int
nmd_show(SYSCTL_HANDLER_ARGS)
{
	uint64_t value = 0;
	int error = nmd_number(arg1, arg2, &value);

	return (error != 0 ? error : sysctl_handle_64(oidp, &value, 0, req));
}

/* An option takes effect at the next start, so a device that runs is reset. */
static int
nmd_choose(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	uint64_t before = 0;
	int error = nmd_number(sc, arg2, &before), value = before;

	if (error == 0)
		error = sysctl_handle_int(oidp, &value, 0, req);
	if (error != 0 || req->newptr == NULL)
		return (error);
	sx_xlock(&sc->sx);
	error = sc->entry->choose(sc->port, arg2, value);
	sx_xunlock(&sc->sx);
	return (error == 0 && nmd_is_wanted(sc) ? nmd_do(sc, NMD_DO_UP) : error);
}

static int
nmd_text(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	char *text = malloc(NMD_TEXT_BYTES, M_NMD, M_WAITOK | M_ZERO);
	int error;

	sx_xlock(&sc->sx);
	(void)sc->entry->text(sc->port, arg2, text, NMD_TEXT_BYTES - 1);
	sx_xunlock(&sc->sx);
	error = SYSCTL_OUT(req, text, strlen(text) + 1);
	free(text, M_NMD);
	return (error);
}

static int
nmd_command(SYSCTL_HANDLER_ARGS)
{
	struct nmd_softc *sc = arg1;
	int value = 0, error;

	error = sysctl_handle_int(oidp, &value, 0, req);
	if (error != 0 || req->newptr == NULL || value == 0)
		return (error);
	return (nmd_is_wanted(sc) ? nmd_do(sc, arg2) : ENETDOWN);
}

void
nmd_publish(void *device, const char *group, const char *name, const char *title, uint32_t shape, uint32_t number)
{
	static const struct {
		int		flags;
		const char	*format;
		int		(*handler)(SYSCTL_HANDLER_ARGS);
	} shapes[] = {
		[NMD_NUMBER] = { CTLTYPE_U64 | CTLFLAG_RD, "QU", nmd_show },
		[NMD_CHOICE] = { CTLTYPE_INT | CTLFLAG_RWTUN, "I", nmd_choose },
		[NMD_TEXT] = { CTLTYPE_STRING | CTLFLAG_RD, "A", nmd_text },
	};
	struct nmd_softc *sc = device;
	struct sysctl_ctx_list *ctx = &sc->sysctls;
	struct sysctl_oid_list *above = SYSCTL_CHILDREN(device_get_sysctl_tree(sc->dev));

	/* An existing node is reused. */
	if (group[0] != '\0')
		above = SYSCTL_CHILDREN(SYSCTL_ADD_NODE(ctx, above, OID_AUTO, group, CTLFLAG_RD | CTLFLAG_MPSAFE, NULL, ""));
	sysctl_add_oid(ctx, above, OID_AUTO, name, shapes[shape].flags | CTLFLAG_MPSAFE, sc, number, shapes[shape].handler,
	    shapes[shape].format, title, NULL);
}

/* The nodes have a context of their own: that of the device outlives the softc. */
int
nmd_sysctl_attach(struct nmd_softc *sc)
{
	struct sysctl_ctx_list *ctx = &sc->sysctls;
	struct sysctl_oid_list *top = SYSCTL_CHILDREN(device_get_sysctl_tree(sc->dev));

	sysctl_ctx_init(ctx);
	SYSCTL_ADD_U64(ctx, top, OID_AUTO, "stack_dropped", CTLFLAG_RD, &sc->dropped, 0,
	    "Frames of the network stack that were dropped");
	SYSCTL_ADD_PROC(ctx, top, OID_AUTO, "reset", CTLTYPE_INT | CTLFLAG_RW | CTLFLAG_MPSAFE, sc, NMD_DO_UP, nmd_command,
	    "I", "Write 1 to reset the device; rings keep their positions");
	SYSCTL_ADD_PROC(ctx, top, OID_AUTO, "renegotiate", CTLTYPE_INT | CTLFLAG_RW | CTLFLAG_MPSAFE, sc, NMD_DO_NEGOTIATE,
	    nmd_command, "I", "Write 1 to negotiate the link again");
	sc->entry->publish(sc->port);
	return (0);
}

/* Waits for the handlers that run. */
void
nmd_sysctl_detach(struct nmd_softc *sc)
{
	(void)sysctl_ctx_free(&sc->sysctls);
}
