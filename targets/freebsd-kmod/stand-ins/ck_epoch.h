/* A type that stands inside of another one, which the C half never looks into. */
#ifndef NMD_STAND_IN_CK_EPOCH_H
#define	NMD_STAND_IN_CK_EPOCH_H

typedef struct { int unused; } ck_epoch_section_t;

#endif
