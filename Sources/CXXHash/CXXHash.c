#include "CXXHash.h"

#include <string.h>
#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
// XXH3_128bits_update becomes the one for the vector registers that this processor has: a third of the usual one's time.
#include <xxh_x86dispatch.h>
#endif

cxxhash_state *cxxhash_create(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state) XXH3_128bits_reset(state);
    return (cxxhash_state *)state;
}

void cxxhash_update(cxxhash_state *state, const void *bytes, size_t count) {
    XXH3_128bits_update((XXH3_state_t *)state, bytes, count);
}

void cxxhash_finish(const cxxhash_state *state, uint8_t *into) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest((const XXH3_state_t *)state));
    memcpy(into, canonical.digest, sizeof canonical.digest);
}

void cxxhash_destroy(cxxhash_state *state) { XXH3_freeState((XXH3_state_t *)state); }
