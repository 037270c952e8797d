// What a peer sends, made of the input: as it is, or cut into PDUs whose lengths are right, so that what is inside is reached.
#pragma once

#include "harness.h"

static const cdcmtk_limits limits = {2, 2, 2, 0, 10, 16384};

static inline std::vector<uint8_t> pdus(Input &input, bool is_framed) {
    if (!is_framed) return input.rest();
    std::vector<uint8_t> result;
    while (input.left() > 0) {
        const uint8_t kind = input.byte();
        const std::vector<uint8_t> body = input.take(input.word());
        const uint32_t count = static_cast<uint32_t>(body.size());
        const uint8_t head[] = {
            kind, 0, static_cast<uint8_t>(count >> 24), static_cast<uint8_t>(count >> 16),
            static_cast<uint8_t>(count >> 8), static_cast<uint8_t>(count)};
        result.insert(result.end(), head, head + sizeof head);
        result.insert(result.end(), body.begin(), body.end());
    }
    return result;
}

static inline size_t look_at_contexts(cdcmtk_association *association) {
    const size_t count = cdcmtk_association_context_count(association);
    for (size_t i = 0; i < count; ++i) {
        cdcmtk_context context;
        require(cdcmtk_association_context(association, i, &context));
        require(context.syntax_count <= CDCMTK_MAXIMUM_SYNTAXES);
        note(0xD000 + context.result, static_cast<uint32_t>(context.syntax_count), std::strlen(context.abstract_syntax));
    }
    char calling[17], called[17];
    cdcmtk_association_titles(association, calling, called);
    note(0xD100, std::strlen(calling), std::strlen(called));
    return count;
}

// True if a release was asked for.
static inline bool read_all(cdcmtk_association *association) {
    for (int i = 0; i < 4096; ++i) {
        cdcmtk_pdv value;
        // Of its exact size, so that an overrun is seen; now and then too small, and none.
        std::vector<uint8_t> room(static_cast<size_t>(i % 5) * 96);
        const cdcmtk_status status = cdcmtk_association_read(association, room.data(), room.size(), &value);
        if (!note(status)) return status.code == CDCMTK_RELEASED;
        touch(value.bytes, value.count);
        note(0xD200 + value.context, value.is_command * 2u + value.is_last, value.count > 8 ? 8 : value.count);
    }
    return false;
}
