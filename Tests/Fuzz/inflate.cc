// Raw deflate streams. Input: how much is handed in at once, how much room there is for what comes out, then the stream.
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const size_t piece = 1 + input.byte() * 16u, room = 1 + input.byte() * 64u;
    const std::vector<uint8_t> stream = input.rest();
    // As Inflation, which counts what comes out and stops at its bound.
    const size_t bound = 1 << 20;
    cdcmtk_inflater *inflater = cdcmtk_inflater_create();
    std::vector<uint8_t> out(room);
    size_t at = 0, total = 0;
    bool ended = false;
    while (!ended && total < bound) {
        const size_t given = stream.size() - at < piece ? stream.size() - at : piece;
        const std::vector<uint8_t> part(stream.begin() + at, stream.begin() + at + given);
        size_t consumed = 0, produced = 0;
        if (!note(cdcmtk_inflater_step(inflater, part.data(), given, out.data(), room, &consumed, &produced, &ended))) break;
        require(consumed <= given && produced <= room);
        touch(out.data(), produced);
        if (!ended && consumed == 0 && produced == 0) break;
        at += consumed;
        total += produced;
    }
    note(ended, at == stream.size());
    for (size_t step = 1; step <= total; step *= 2) note(0xBBBB, static_cast<uint32_t>(step));
    cdcmtk_inflater_destroy(inflater);
    return 0;
}
