/* sha256: see sha256.h. */
#include "sha256.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

struct kr_sha256 {
  struct sha256_ctx state;
};

struct kr_sha256 *kr_sha256_create(void)
{
  struct kr_sha256 *sum = kr_alloc(sizeof *sum);
  sha256_init(&sum->state);
  return sum;
}

void kr_sha256_add(struct kr_sha256 *sum, const void *bytes, size_t len)
{
  sha256_update(&sum->state, len, bytes);
}

void kr_sha256_finish(struct kr_sha256 *sum, char hex[KR_SHA256_HEX])
{
  uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_digest(&sum->state, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) snprintf(hex + i * 2, 3, "%02x", digest[i]);
  free(sum);
}
