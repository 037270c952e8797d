// The life of a worker process: one job after the other, each on this one thread.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Glibc
import WorkerProtocol

/// `antipode worker`. Blocking calls, and DCMTK, are at home here.
package enum WorkerMain {
    /// Serves the office until it says stop or closes the channel. Call it first thing in the process.
    package static func run(channel descriptor: CInt) -> Never {
        WorkerConfinement.apply(channel: descriptor)
        let bench = Workbench(channel: WorkerChannel(descriptor: descriptor))
        do throws(Failure) {
            try bench.serve()
        } catch {
            // The office is gone, or its messages cannot be believed.
            exit(1)
        }
        exit(0)
    }
}

/// Gives each job to its role. One thread.
struct Workbench {
    /// Seconds after which a worker that stands ready does what its first data set would wait for. Not at once: where many are
    /// started because much has come, the processor belongs to that.
    private static let calm = 1.0

    let channel: WorkerChannel
    let progress: ProgressTicker
    private let staging = getenv(WorkerEnvironment.pageCache) == nil ? Staging() : nil

    init(channel: WorkerChannel) {
        self.channel = channel
        progress = ProgressTicker(channel: channel)
    }

    func serve() throws(Failure) {
        try channel.send(.ready)
        if getenv(WorkerEnvironment.warmUp) != nil, !channel.hears(within: Self.calm) { DataSet.warmUp() }
        while let (message, descriptor) = try channel.receive() {
            switch message {
            case .receive(let job):
                guard let descriptor else {
                    throw Failure(.unexpected, .tryAgain, .instance, detail: "a receive job came without its socket")
                }
                let role = ReceivingRole(job: job, channel: channel, progress: progress, staging: staging)
                guard try role.run(socket: descriptor) else { return }
            case .openLane(let job):
                let role = SendingRole(job: job, channel: channel, progress: progress, staging: staging)
                guard try role.run() else { return }
            case .poll(let job):
                try answer { () throws(Failure) in
                    .polled(try ReportPoll(job: job, channel: channel, progress: progress, staging: staging).run())
                }
            case .inspect(let file):
                try answer { () throws(Failure) in .inspected(try ReportDesk.inspect(file)) }
            case .identify(let file):
                try answer { () throws(Failure) in .identified(try ReportDesk.identify(file)) }
            case .restore(let job):
                try answer { () throws(Failure) in .restored(try ReportDesk.restore(job)) }
            case .render(let file):
                try answer { () throws(Failure) in .rendered(try ReportDesk.render(file)) }
            case .readDocument(let job):
                try answer { () throws(Failure) in .documentRead(try ReportDesk.document(job)) }
            case .echo(let job):
                try answer { () throws(Failure) in .echoed(try Echo.run(job)) }
            case .preview(let job):
                try answer { () throws(Failure) in .previewed(try Preview.make(job)) }
            case .askCommitment(let job):
                let question = CommitmentQuestion(job: job, channel: channel)
                try answer { () throws(Failure) in .commitmentSettled(status: try question.run()) }
            case .tellCommitment(let news):
                try answer { () throws(Failure) in .commitmentSettled(status: try CommitmentQuestion.tell(news)) }
            case .stop:
                return
            case .closeLane, .proceed, .send, .keepAlive:
                // The lane ended here while the message was under way; the office has been told so.
                continue
            case .accept, .reject, .verdict, .commitmentAnswer:
                throw Failure(.unexpected, .tryAgain, .instance, detail: "the office spoke out of turn")
            }
            try channel.send(.ready)
        }
    }

    private func answer(_ work: () throws(Failure) -> WorkerMessage) throws(Failure) {
        let message: WorkerMessage
        do throws(Failure) {
            message = try work()
        } catch {
            message = .failed(error)
        }
        try channel.send(message)
    }
}
