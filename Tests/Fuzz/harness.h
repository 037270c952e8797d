// Shared by the harnesses: input that is handed out piece by piece, and what libFuzzer is told beside the coverage of our own
// code. Debian's DCMTK is not instrumented, so what it answers stands for the paths that it took.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "CDCMTK.h"

// Each byte that becomes other than zero is news to libFuzzer, as an edge of the program is.
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[4096];

static inline void note(uint32_t a, uint32_t b = 0, uint32_t c = 0) {
    uint32_t hash = 2166136261u;
    for (uint32_t value : {a, b, c}) {
        for (int i = 0; i < 4; ++i) hash = (hash ^ ((value >> (8 * i)) & 0xFF)) * 16777619u;
    }
    counters[hash % sizeof counters] = 1;
}

// How a call ended, its text without numbers.
static inline bool note(const cdcmtk_status &status) {
    uint32_t hash = 17;
    for (const char *c = status.text; *c; ++c) {
        if (*c < '0' || *c > '9') hash = hash * 31 + static_cast<uint8_t>(*c);
    }
    note(0xAAAA, status.code, hash);
    return status.code == CDCMTK_OK;
}

// A contradiction that no memory checker sees.
static inline void require(bool holds) {
    if (!holds) __builtin_trap();
}

// Every byte of a result is read, so that one that is not there is found.
static inline void touch(const uint8_t *bytes, size_t count) {
    static volatile uint8_t sink;
    uint8_t sum = 0;
    for (size_t i = 0; i < count; ++i) sum ^= bytes[i];
    sink = sum;
    (void)sink;
}

struct Result {
    cdcmtk_bytes bytes = {nullptr, 0};
    ~Result() { cdcmtk_bytes_free(bytes); }
    void touched() const { touch(bytes.data, bytes.count); }
};

class Input {
public:
    Input(const uint8_t *bytes, size_t count) : bytes_(bytes), count_(count) {}

    uint8_t byte() {
        if (count_ == 0) return 0;
        --count_;
        return *bytes_++;
    }
    uint16_t word() {
        const uint16_t high = byte();
        return static_cast<uint16_t>(high << 8 | byte());
    }
    // A copy of its own on the heap: what is read beside it is found.
    std::vector<uint8_t> take(size_t count) {
        if (count > count_) count = count_;
        std::vector<uint8_t> result(bytes_, bytes_ + count);
        bytes_ += count;
        count_ -= count;
        return result;
    }
    std::vector<uint8_t> rest() { return take(count_); }
    size_t left() const { return count_; }

private:
    const uint8_t *bytes_;
    size_t count_;
};
