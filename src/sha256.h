/* sha256: the one hash of contents (only nettle: it is small, and loads in no time). */
#ifndef KR_SHA256_H
#define KR_SHA256_H

#include <stddef.h>

enum { KR_SHA256_HEX = 65 };               /* hex digits and the NUL */

struct kr_sha256;

struct kr_sha256 *kr_sha256_create(void);
void kr_sha256_add(struct kr_sha256 *sum, const void *bytes, size_t len);
void kr_sha256_finish(struct kr_sha256 *sum, char hex[KR_SHA256_HEX]); /* takes sum */

#endif
