/*
 * Declarations shared by the files of the C half.
 */
#ifndef NMD_H
#define	NMD_H

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/bus.h>
#include <sys/eventhandler.h>
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
struct netmap_adapter;

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
 * The device runs only while the port is open. A port is held until it is attached, and while the device is suspended or
 * being reset by its bus; requests to start it take effect when it is open again. A port that leaves only stops.
 */
enum nmd_state { NMD_HELD, NMD_OPEN, NMD_LEAVING };

/*
 * Locks. Callers of the port's control functions hold `sx`. It is a sleepable lock, taken after netmap's own, and never while
 * a mutex is held. Syncs and interrupts take no lock: the port's gates block them while control runs. `state`, `callers`,
 * `in_register`, `todo`, `causes` and `dropped` are atomic.
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

	u_int			state;
	if_t			ifp;
	struct ifmedia		media;
	eventhandler_tag	address_event;
	uint8_t			mac[6];		/* in use */
	u_int			callers;	/* of the interface's ioctl */
	struct nmd_link_state	link;
	uint64_t		dropped;

	struct sx		sx;
	struct taskqueue	*tq;
	struct task		work;
	struct timeout_task	tick;
	uint32_t		todo;
	int			error;		/* of the last start or stop */
	bool			is_up;		/* the device runs */
	u_int			in_register;	/* 1: netmap has stopped the rings and waits for this driver */

	struct netmap_adapter	*na;		/* null: no netmap mode */
	bool			*ring_on[NMD_DIRECTIONS];
	uint32_t		rings_on;
	struct timeval		refused_at, ring_size_at;
	int			refused_pps, ring_size_pps;
	struct sysctl_ctx_list	sysctls;
};

/* Commands for the task. */
enum { NMD_DO_UP = 1, NMD_DO_DOWN = 2, NMD_DO_FILTER = 4, NMD_DO_LINK = 8, NMD_DO_TICK = 16, NMD_DO_NEGOTIATE = 32 };

void	nmd_ask(struct nmd_softc *, uint32_t todo);
int	nmd_do(struct nmd_softc *, uint32_t todo);
bool	nmd_is_wanted(struct nmd_softc *);
int	nmd_refused(struct nmd_softc *, uint32_t direction, uint32_t queue);
bool	nmd_dma_is_direct(struct nmd_softc *);
bool	nmd_netmap_is_unused(struct nmd_softc *);
bool	nmd_netmap_reserve(struct nmd_softc *);
void	nmd_netmap_release(struct nmd_softc *);
void	nmd_netmap_interrupt(struct nmd_softc *, uint32_t causes, uint32_t first, uint32_t step);
void	nmd_netmap_hold(struct nmd_softc *, bool held);

/* The parts of a port: see nmd_pci.c. */
int	nmd_ifp_attach(struct nmd_softc *);
void	nmd_ifp_detach(struct nmd_softc *);
int	nmd_task_attach(struct nmd_softc *);
void	nmd_task_detach(struct nmd_softc *);
int	nmd_netmap_attach(struct nmd_softc *);
void	nmd_netmap_detach(struct nmd_softc *);
int	nmd_if_attach(struct nmd_softc *);
void	nmd_if_detach(struct nmd_softc *);
int	nmd_interrupt_attach(struct nmd_softc *);
void	nmd_interrupt_detach(struct nmd_softc *);
int	nmd_tick_attach(struct nmd_softc *);
void	nmd_tick_detach(struct nmd_softc *);
int	nmd_sysctl_attach(struct nmd_softc *);
void	nmd_sysctl_detach(struct nmd_softc *);

#endif
