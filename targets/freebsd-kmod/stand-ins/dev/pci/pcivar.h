/* The functions of the PCI bus that the C half calls. */
#ifndef NMD_STAND_IN_PCIVAR_H
#define	NMD_STAND_IN_PCIVAR_H

#include <sys/bus.h>

/* A comparison with a source tree defines this to check the declarations. */
#ifndef NMD_DECLARE
#define	NMD_DECLARE(type, name, ...)	type name(__VA_ARGS__)
#endif

NMD_DECLARE(uint16_t, pci_get_vendor, device_t);
NMD_DECLARE(uint16_t, pci_get_device, device_t);
NMD_DECLARE(uint8_t, pci_get_revid, device_t);
NMD_DECLARE(uint16_t, pci_get_subdevice, device_t);
NMD_DECLARE(uint16_t, pci_get_subvendor, device_t);
NMD_DECLARE(uint32_t, pci_read_config, device_t, int, int);
NMD_DECLARE(int, pci_enable_busmaster, device_t);
NMD_DECLARE(int, pci_disable_busmaster, device_t);
NMD_DECLARE(int, pci_alloc_msi, device_t, int *);
NMD_DECLARE(int, pci_release_msi, device_t);
NMD_DECLARE(int, pci_alloc_msix, device_t, int *);
NMD_DECLARE(int, pci_msix_count, device_t);
NMD_DECLARE(int, pci_msix_table_bar, device_t);
NMD_DECLARE(int, pci_msix_pba_bar, device_t);

#endif
