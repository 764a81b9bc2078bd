import SearchCore

/// Runs the batches of one call, several at a time, each behind the gate.
struct BatchRunner {
    let model: CompiledModel
    let gate: PriorityGate
    let priority: InferencePriority
    let padding: Int32

    private struct Running {
        var batch: Batch
        var request: InferRequest
    }

    /// - Parameters:
    ///   - sequences: what the batches' members point to.
    ///   - width: floats per row of the output.
    ///   - output: batch, its [rows, width] output, nanoseconds that it took. Called on the caller's thread.
    /// - Throws: the control's errors, between batches; OpenVINO's.
    func run(
        _ batches: [Batch], sequences: [TokenSequence], width: Int, control: QueryControl,
        output: (Batch, UnsafeBufferPointer<Float>, UInt64) throws -> Void
    ) throws {
        var running: [Running] = []
        // Reached with running ones only by a throw: their buffers must not be reused before they end.
        defer {
            for one in running {
                one.request.abandon()
                gate.leave(priority)
                model.giveBack(one.request)
            }
        }
        var next = 0
        while next < batches.count || !running.isEmpty {
            if next < batches.count, running.count < model.streams {
                let entered: Bool
                if running.isEmpty {
                    try gate.enter(priority, control: control)
                    entered = true
                } else {
                    try control.checkpoint()
                    entered = gate.tryEnter(priority)
                }
                if entered {
                    do {
                        let request = try model.take()
                        let batch = batches[next]
                        try request.start(batch.members.map { sequences[$0] }, length: batch.length, padding: padding)
                        running.append(Running(batch: batch, request: request))
                        next += 1
                    } catch {
                        gate.leave(priority)
                        throw error
                    }
                    continue
                }
            }
            let first = running.removeFirst()
            defer { model.giveBack(first.request) }
            // The slot is free as soon as the batch has ended, whatever `output` does.
            var left = false
            defer { if !left { gate.leave(priority) } }
            try first.request.finish(rows: first.batch.members.count, width: width) { values in
                gate.leave(priority)
                left = true
                try output(first.batch, values, first.request.elapsed)
            }
        }
    }
}
