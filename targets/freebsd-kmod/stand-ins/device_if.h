/* The driver methods that the C half implements. */
#include <sys/bus.h>

#define	NMD_DEVICE_METHOD(name)						\
	extern struct kobjop_desc device_##name##_desc;			\
	typedef int device_##name##_t(device_t)

NMD_DEVICE_METHOD(probe);
NMD_DEVICE_METHOD(attach);
NMD_DEVICE_METHOD(detach);
NMD_DEVICE_METHOD(shutdown);
NMD_DEVICE_METHOD(suspend);
NMD_DEVICE_METHOD(resume);
NMD_DEVICE_METHOD(quiesce);
