/*
 * Declarations shared by the files of the C half.
 */
#ifndef NMD_H
#define	NMD_H

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/bus.h>
#include <sys/lock.h>
#include <sys/malloc.h>
#include <sys/module.h>
#include <sys/rman.h>
#include <sys/socket.h>
#include <sys/sx.h>
#include <sys/sysctl.h>
#include <sys/taskqueue.h>
#include <machine/bus.h>
#include <net/if.h>
#include <net/if_var.h>
#include <net/if_media.h>

#include "nmd_boundary.h"
#include "nmd_nic.h"
#define	NMD_DIRECTIONS	2

MALLOC_DECLARE(M_NMD);
SYSCTL_DECL(_hw_nmd);

struct nmd_softc;

/* An interrupt of the device. */
struct nmd_vector {
	struct nmd_softc	*sc;
	uint32_t		number;
	uint32_t		causes;
	int			rid;
	struct resource		*irq;
	void			*cookie;
};

/*
 * Locks. Callers of the port's control functions hold `sx`: attach, detach and the task. It is a sleepable lock,
 * taken after netmap's own, and never while a mutex is held. Syncs and interrupts take no lock: the port's gates block them
 * while control runs. `todo`, `causes` and `dropped` are atomic.
 */
struct nmd_softc {
	device_t		dev;
	const struct nmd_nic	*nic;
	const struct nmd_entry	*entry;
	void			*port;
	struct nmd_found	found;

	struct resource		*bar;
	int			bar_rid;
	bus_size_t		bar_bytes;
	enum { NMD_MSIX, NMD_MSI, NMD_INTX } kind;
	struct nmd_vector	*vectors;
	uint32_t		vector_count;
	struct resource		*table[2];	/* of MSI-X, and its pending bits */

	if_t			ifp;
	struct ifmedia		media;
	struct nmd_link_state		link;
	uint64_t		dropped;

	struct sx		sx;
	struct taskqueue	*tq;
	struct task		work;
	struct timeout_task	tick;
	uint32_t		todo;
	int			error;		/* of the last start */
	bool			is_up, was_up;	/* the device runs; the interface was up (ifconfig) */
	bool			is_leaving;
	bool			in_register;	/* netmap has stopped the rings and waits for this driver */

	bool			netmap_attached;
	bool			*ring_on[NMD_DIRECTIONS];
	uint32_t		rings_on;
	struct timeval		refused_at;
	int			refused_pps;
};

/* Commands for the task. */
enum { NMD_DO_UP = 1, NMD_DO_DOWN = 2, NMD_DO_FILTER = 4, NMD_DO_LINK = 8, NMD_DO_TICK = 16, NMD_DO_NEGOTIATE = 32 };

void	nmd_ask(struct nmd_softc *, uint32_t todo);
int	nmd_do(struct nmd_softc *, uint32_t todo);
int	nmd_interrupt_attach(struct nmd_softc *);
void	nmd_interrupt_detach(struct nmd_softc *);
void	nmd_if_attach(struct nmd_softc *);
void	nmd_if_detach(struct nmd_softc *);
void	nmd_sysctl_attach(struct nmd_softc *);
int	nmd_refused(struct nmd_softc *, uint32_t direction, uint32_t queue);
bool	nmd_dma_is_direct(struct nmd_softc *);
int	nmd_netmap_attach(struct nmd_softc *);
void	nmd_netmap_detach(struct nmd_softc *);
void	nmd_netmap_interrupt(struct nmd_softc *, uint32_t causes, uint32_t first, uint32_t step);
void	nmd_netmap_hold(struct nmd_softc *, bool held);

#endif
