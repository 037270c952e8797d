// Memory in which one object stands whole.

internal import Glibc

/// Memory of a fixed size at one address, page by page the same for one object after the other. Whoever fills it with the next
/// object makes sure that nobody reads the one before any more; it is there for as long as the value lives.
///
/// Unchecked because what is read where is a matter of those who share it, as with a file.
package final class ObjectMemory: @unchecked Sendable {
    package let bytes: UnsafeMutableRawBufferPointer

    /// nil where the system gives no more (mmap(2)). Pages count as used when they are first written to.
    package init?(capacity: Int) {
        let map = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let map, map != MAP_FAILED else { return nil }
        bytes = UnsafeMutableRawBufferPointer(start: map, count: capacity)
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }

    /// The bytes of an object that has so many, or a part of them.
    package subscript(range: Range<Int64>) -> UnsafeRawBufferPointer {
        // Also in release builds. That a part ends with its object, behind which another patient's may stand, is the caller's care.
        precondition(range.lowerBound >= 0 && range.upperBound <= Int64(bytes.count))
        return UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}
