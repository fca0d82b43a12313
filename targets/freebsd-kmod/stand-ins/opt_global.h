/* No option of a kernel's configuration is set. */
