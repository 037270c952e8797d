// XXH3 with 128 bits, by libxxhash. Not a cryptographic hash: it finds what a disk or a line has changed, at the speed of memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cxxhash_state cxxhash_state;

// NULL if there is no memory (XXH3_createState).
cxxhash_state *cxxhash_create(void);
// XXH3_128bits_update.
void cxxhash_update(cxxhash_state *state, const void *bytes, size_t count);
// Sixteen bytes in the canonical order, which `xxhsum -H2` prints (XXH3_128bits_digest, XXH128_canonicalFromHash).
void cxxhash_finish(const cxxhash_state *state, uint8_t *into);
void cxxhash_destroy(cxxhash_state *state);

#ifdef __cplusplus
}
#endif
