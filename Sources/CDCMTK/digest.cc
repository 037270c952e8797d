// SHA-256 (EVP_DigestInit_ex and its companions).
#include <openssl/evp.h>

#include "CDCMTK.h"

extern "C" cdcmtk_digest *cdcmtk_digest_create(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
        EVP_MD_CTX_free(context);
        return nullptr;
    }
    return reinterpret_cast<cdcmtk_digest *>(context);
}

extern "C" bool cdcmtk_digest_update(cdcmtk_digest *digest, const uint8_t *bytes, size_t count) {
    return EVP_DigestUpdate(reinterpret_cast<EVP_MD_CTX *>(digest), bytes, count) == 1;
}

extern "C" bool cdcmtk_digest_finish(cdcmtk_digest *digest, uint8_t *into) {
    return EVP_DigestFinal_ex(reinterpret_cast<EVP_MD_CTX *>(digest), into, nullptr) == 1;
}

extern "C" void cdcmtk_digest_destroy(cdcmtk_digest *digest) {
    EVP_MD_CTX_free(reinterpret_cast<EVP_MD_CTX *>(digest));
}
