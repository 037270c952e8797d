// Bytes over a Unix socket, with an open file descriptor beside them (SCM_RIGHTS, unix(7)).

import Glibc

/// `sendmsg` and `recvmsg` with at most one descriptor. The CMSG macros are not visible to Swift, so their layout on
/// 64-bit Linux is written out: a header of 16 bytes, then the data, padded to 8.
enum DescriptorPassing {
    private static let headerBytes = MemoryLayout<cmsghdr>.size
    private static let controlBytes = headerBytes + 8

    /// Bytes taken by the kernel, or -1 with `errno`. The descriptor, if any, goes with the first of the bytes and stays
    /// open here.
    static func send(_ bytes: UnsafeRawBufferPointer, passing descriptor: CInt?, on socket: CInt, flags: CInt) -> Int {
        var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
            withUnsafeTemporaryAllocation(byteCount: controlBytes, alignment: 8) { control in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                if let descriptor {
                    var header = cmsghdr()
                    header.cmsg_len = headerBytes + MemoryLayout<CInt>.size
                    header.cmsg_level = SOL_SOCKET
                    header.cmsg_type = CInt(SCM_RIGHTS)
                    control.initializeMemory(as: UInt8.self, repeating: 0)
                    control.storeBytes(of: header, as: cmsghdr.self)
                    control.storeBytes(of: descriptor, toByteOffset: headerBytes, as: CInt.self)
                    message.msg_control = control.baseAddress
                    message.msg_controllen = controlBytes
                }
                return retrying { sendmsg(socket, &message, flags | CInt(MSG_NOSIGNAL)) }
            }
        }
    }

    /// Bytes read, 0 at the end, or -1 with `errno`. A descriptor that came along is close-on-exec and the caller's.
    static func receive(
        into buffer: UnsafeMutableRawBufferPointer, descriptors: inout [CInt], on socket: CInt, flags: CInt
    ) -> Int {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        var passed: CInt?
        let count = withUnsafeMutablePointer(to: &vector) { vector in
            withUnsafeTemporaryAllocation(byteCount: controlBytes, alignment: 8) { control in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = controlBytes
                let count = retrying { recvmsg(socket, &message, flags | CInt(MSG_CMSG_CLOEXEC)) }
                if count >= 0, message.msg_controllen >= headerBytes + MemoryLayout<CInt>.size {
                    let header = control.load(as: cmsghdr.self)
                    if header.cmsg_level == SOL_SOCKET, header.cmsg_type == CInt(SCM_RIGHTS) {
                        passed = control.load(fromByteOffset: headerBytes, as: CInt.self)
                    }
                }
                return count
            }
        }
        if let passed { descriptors.append(passed) }
        return count
    }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
