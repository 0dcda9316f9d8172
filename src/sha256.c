/* sha256: see sha256.h. */
#include "sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

struct kr_sha256 {
  EVP_MD_CTX *ctx;
};

struct kr_sha256 *kr_sha256_create(void)
{
  struct kr_sha256 *sum = kr_alloc(sizeof *sum);
  sum->ctx = EVP_MD_CTX_new();
  if (!sum->ctx || !EVP_DigestInit_ex(sum->ctx, EVP_sha256(), NULL)) abort(); /* out of memory, or no library */
  return sum;
}

void kr_sha256_add(struct kr_sha256 *sum, const void *bytes, size_t len)
{
  EVP_DigestUpdate(sum->ctx, bytes, len);
}

void kr_sha256_finish(struct kr_sha256 *sum, char hex[KR_SHA256_HEX])
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  EVP_DigestFinal_ex(sum->ctx, digest, &len);
  for (unsigned i = 0; i < len; i++) snprintf(hex + i * 2, 3, "%02x", digest[i]);
  EVP_MD_CTX_free(sum->ctx);
  OPENSSL_thread_stop(); /* the pool's threads end after libcrypto's own clean-up: theirs would leak */
  free(sum);
}
