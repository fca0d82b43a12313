/* Lists that are read without a lock have the layout of ordinary ones. The C half walks none of them. */
#ifndef NMD_STAND_IN_CK_QUEUE_H
#define	NMD_STAND_IN_CK_QUEUE_H

#include <sys/queue.h>

#define	CK_STAILQ_HEAD(name, type)	STAILQ_HEAD(name, type)
#define	CK_STAILQ_ENTRY(type)		STAILQ_ENTRY(type)
#define	CK_SLIST_HEAD(name, type)	SLIST_HEAD(name, type)
#define	CK_SLIST_ENTRY(type)		SLIST_ENTRY(type)
#define	CK_LIST_HEAD(name, type)	LIST_HEAD(name, type)
#define	CK_LIST_ENTRY(type)		LIST_ENTRY(type)

#endif
