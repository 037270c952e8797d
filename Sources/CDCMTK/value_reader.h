// Presentation data values straight from the connection.
#pragma once

#include <vector>

#include "connection.h"

namespace cdcmtk {

// Reads P-DATA-TF PDUs (PS3.8 9.3.5) without DCMTK's upper layer, which reads a whole PDU into a buffer of its own before anybody
// sees a byte of it: here a value goes to where it is wanted. Every other PDU, and what is wrong with one of these from its first
// bytes on, is put back, and DCMTK reads and judges it. In state Sta6 only (PS3.8 9.2.1).
class ValueReader {
public:
    enum class Outcome {
        value,
        // Not a P-DATA-TF: nothing of it was taken.
        other,
        // The connection ended, or nothing came in time.
        lost,
        late,
        // The values do not fill their PDU.
        broken
    };

    explicit ValueReader(size_t maximum_pdu) : maximum_pdu_(maximum_pdu) {}

    // The next value; a data set's goes to `target` if it has room for all of it, otherwise into memory that is good until
    // the next call. Waits at most so many seconds for each part of a PDU's beginning.
    Outcome next(Connection &connection, int seconds, unsigned char *target, size_t room, cdcmtk_pdv &value);
    // What nobody asked for of the PDU that is being read: DCMTK takes over where a PDU begins.
    void read_over(Connection &connection);

private:
    // Type and length of a PDU; length, context and control header of a value (PS3.8 9.3.1, 9.3.5.1, E.2).
    static constexpr size_t pdu_head = 6, value_head = 6;
    static constexpr unsigned char p_data_tf = 0x04, command = 0x01, last = 0x02;

    // Goes on behind the `count` bytes that are there until there are `least`.
    static Outcome read(Connection &connection, unsigned char *into, size_t least, size_t most, size_t &count);

    const size_t maximum_pdu_;
    // Of the PDU that is being read.
    size_t left_ = 0;
    std::vector<unsigned char> memory_;
};

}  // namespace cdcmtk
