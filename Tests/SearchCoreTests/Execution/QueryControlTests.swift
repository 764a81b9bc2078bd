import SearchCore
import Testing

@Suite struct QueryControlTests {
    @Test("without deadline and cancel a call goes on")
    func unlimited() throws {
        try QueryControl.unlimited.checkpoint()
        #expect(QueryControl.unlimited.remaining == nil)
    }

    @Test("cancelling, also from another thread, ends the call")
    func cancel() async {
        let control = QueryControl()
        await Task.detached { control.cancel() }.value
        #expect(control.isCancelled)
        #expect(throws: TandemError(.cancelled, "")) { try control.checkpoint() }
    }

    @Test("a deadline that has passed ends the call, retryably", arguments: [Duration.zero, .milliseconds(-5)])
    func passed(_ timeout: Duration) {
        let control = QueryControl(timeout: timeout)
        do {
            try control.checkpoint()
            Issue.record("the deadline was not seen")
        } catch {
            #expect((error as? TandemError)?.code == .deadlineExceeded && (error as? TandemError)?.isRetryable == true)
        }
        #expect(control.remaining! <= .zero)
    }

    @Test("a deadline ahead lets the call go on and says how long")
    func ahead() throws {
        let control = QueryControl(timeout: .seconds(3600))
        try control.checkpoint()
        #expect(control.remaining! > .seconds(3000) && control.remaining! <= .seconds(3600))
    }

    @Test("a control that follows others ends with the first of them, and ends none of them")
    func endingWith() throws {
        let (a, b) = (QueryControl(), QueryControl(timeout: .seconds(3600)))
        let both = QueryControl(endingWith: a, b)
        try both.checkpoint()
        #expect(both.deadline == b.deadline)
        b.cancel()
        #expect(both.isCancelled && !a.isCancelled)
        let other = QueryControl(endingWith: a, QueryControl(timeout: .zero))
        #expect(throws: TandemError(.deadlineExceeded, "")) { try other.checkpoint() }
        other.cancel()
        #expect(!a.isCancelled)
    }

    @Test("a cancelled call says so even after its deadline")
    func both() {
        let control = QueryControl(timeout: .zero)
        control.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try control.checkpoint() }
    }
}
