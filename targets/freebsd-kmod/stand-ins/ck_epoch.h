/* A type inside another one; the C half does not access it. */
#ifndef NMD_STAND_IN_CK_EPOCH_H
#define	NMD_STAND_IN_CK_EPOCH_H

typedef struct { int unused; } ck_epoch_section_t;

#endif
