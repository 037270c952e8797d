// Being told when a descriptor can be read or written.

package import Dispatch
import Glibc

/// A dispatch source over one descriptor, which it owns and closes. The action runs on the queue; `cancel` may be called
/// from anywhere, and after it the action begins no more (one that has begun may still be running).
package final class DescriptorWatch: @unchecked Sendable {
    // Unchecked because Dispatch does not say on Linux that its sources may be used from any thread, which they may;
    // the only stored property is never changed.
    private let source: any DispatchSourceProtocol

    private init(
        _ source: any DispatchSourceProtocol, owning descriptor: CInt, _ action: @escaping @Sendable () -> Void
    ) {
        self.source = source
        source.setEventHandler(handler: action)
        source.setCancelHandler { Glibc.close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    package static func readable(
        _ descriptor: CInt, on queue: DispatchQueue, _ action: @escaping @Sendable () -> Void
    ) -> DescriptorWatch {
        DescriptorWatch(
            DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue), owning: descriptor, action)
    }

    package func cancel() { source.cancel() }
}
