#pragma once

/// Marks what the shared library exports; everything else is hidden.
#if defined(VMAIL_STATIC)
#define VMAIL_EXPORT
#else
#define VMAIL_EXPORT __attribute__((visibility("default")))
#endif
