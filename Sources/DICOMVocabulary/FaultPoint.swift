// Named places on a study's path at which a test can end, stop or fail the program. Debug builds only.

#if DEBUG
    import Foundation
    import Glibc
    import Synchronization

    /// `ANTIPODE_FAULT` names points and what happens there; the crash harness of Tests/Crash sets it.
    ///
    ///     ANTIPODE_FAULT=lane.after-ack-before-row:3=kill     at the third pass, as if by `kill -9`
    ///     ANTIPODE_FAULT=plan.after-rows=hang,sweep.after-row-before-unlink=exit
    ///     ANTIPODE_FAULT=lane.after-claim@1.2.3=kill            whenever it is this one's turn, at points that know whose
    ///
    /// `kill` ends the office with SIGKILL, from a worker too; `exit` ends the process that passes, and only that one;
    /// `hang` stops its thread for ever, `spin` does with a whole core; `throw` fails the step, at points that can. Passes are counted in each process.
    /// A release build has neither the code nor the names (Scripts/check-release).
    package enum FaultPoint {
        package static let variable = "ANTIPODE_FAULT"

        enum Action: String { case kill, exit, hang, spin, `throw` }

        struct Order: Equatable {
            var point: String
            var subject: String?
            var pass = 1
            var action: Action
        }

        /// Safe to call from any thread.
        /// `subject`: what is in hand, for an order that names it.
        package static func pass(_ point: StaticString, of subject: @autoclosure () -> String? = nil) {
            guard let action = action(at: point, subject), action != .throw else { return }
            carryOut(action)
        }

        /// As `pass`, where the step can also fail.
        package static func passOrThrow(_ point: StaticString) throws(Failure) {
            guard let action = action(at: point, { nil }) else { return }
            guard action == .throw else { return carryOut(action) }
            throw Failure(.unexpected, .tryAgain, .instance, detail: "the fault point \(point) failed the step")
        }

        /// What cannot be read is left out: only tests write these.
        static func orders(_ text: String) -> [Order] {
            text.split(separator: ",").compactMap { one in
                let sides = one.split(separator: "=")
                guard sides.count == 2, let action = Action(rawValue: String(sides[1])) else { return nil }
                let place = sides[0].split(separator: ":")
                let pass = place.count == 2 ? Int(place[1]) : 1
                guard let names = place.first?.split(separator: "@"), let point = names.first, let pass, pass > 0
                else { return nil }
                let subject = names.count == 2 ? String(names[1]) : nil
                return Order(point: String(point), subject: subject, pass: pass, action: action)
            }
        }

        private static let orders: [Order] = getenv(variable).map { orders(String(cString: $0)) } ?? []
        private static let passes = Mutex([String: Int]())

        private static func action(at point: StaticString, _ subject: () -> String?) -> Action? {
            guard !orders.isEmpty else { return nil }
            let name = point.description
            let ordered = orders.filter { $0.point == name }
            guard !ordered.isEmpty else { return nil }
            if let subject = subject(), let own = ordered.first(where: { $0.subject == subject }) { return own.action }
            let pass = passes.withLock { passes in
                passes[name, default: 0] += 1
                return passes[name]
            }
            return ordered.first { $0.subject == nil && $0.pass == pass }?.action
        }

        private static func carryOut(_ action: Action) {
            switch action {
            case .exit: _exit(70)
            case .hang: while true { pause() }
            case .spin: while true { sched_yield() }
            case .kill:
                if let office { kill(office, SIGKILL) }
                while true { kill(getpid(), SIGKILL) }
            case .throw: break
            }
        }

        /// The parent, if this is a worker: a process of the same program, so that nobody else is ever killed.
        private static var office: pid_t? {
            let parent = getppid()
            guard CommandLine.arguments.dropFirst().first == "worker", let own = program("self"),
                own == program("\(parent)")
            else { return nil }
            return parent
        }

        private static func program(_ process: String) -> String? {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
        }
    }
#else
    /// Nothing, in a release build. Public, because of a type that is not, Swift 6.3 inlines nothing into other modules, and
    /// the names would stay in the binary.
    public enum FaultPoint {
        @inlinable @inline(__always)
        public static func pass(_ point: StaticString, of subject: @autoclosure () -> String? = nil) {}
        @inlinable @inline(__always) public static func passOrThrow(_ point: StaticString) throws {}
    }
#endif
