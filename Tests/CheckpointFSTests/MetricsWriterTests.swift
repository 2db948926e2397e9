// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Testing

@Suite("Prometheus's text format")
struct MetricsWriterTests {
  private func written(_ body: (inout MetricsWriter) -> Void) -> String {
    var writer = MetricsWriter()
    body(&writer)
    return writer.text
  }

  @Test("A metric is a line of help, a line with its type, and a line for each sample")
  func lines() {
    let text = written { writer in
      writer.counter(
        "jobs_total", "Jobs done.",
        [.init(["kind": "small", "ok": "yes"], 3), .init(["kind": "big", "ok": "no"], 0)])
      writer.gauge("temperature_celsius", "How warm it is.", [.init([:], -1.5)])
    }
    #expect(
      text == """
        # HELP jobs_total Jobs done.
        # TYPE jobs_total counter
        jobs_total{kind="small",ok="yes"} 3
        jobs_total{kind="big",ok="no"} 0
        # HELP temperature_celsius How warm it is.
        # TYPE temperature_celsius gauge
        temperature_celsius -1.5

        """)
  }

  @Test("The buckets of a histogram count what is below their bound, the last one everything")
  func histogram() {
    let text = written { writer in
      writer.histogram(
        "wait_seconds", "Waits.",
        [.init(["queue": "a"], bounds: [0.000025, 0.5, 1], counts: [1, 0, 2, 4], sum: 12.25)])
    }
    #expect(
      text == """
        # HELP wait_seconds Waits.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{queue="a",le="2.5e-05"} 1
        wait_seconds_bucket{queue="a",le="0.5"} 1
        wait_seconds_bucket{queue="a",le="1"} 3
        wait_seconds_bucket{queue="a",le="+Inf"} 7
        wait_seconds_sum{queue="a"} 12.25
        wait_seconds_count{queue="a"} 7

        """)
  }

  @Test("Backslashes and line feeds are escaped, in labels quotes, too")
  func escaping() {
    let text = written { writer in
      writer.gauge("odd", "a \\ \"b\"\nc", [.init(["path": "/a \\ \"b\"\n\u{e9}"], 1)])
    }
    #expect(
      text == #"""
        # HELP odd a \\ "b"\nc
        # TYPE odd gauge
        odd{path="/a \\ \"b\"\n\#u{e9}"} 1

        """#)
  }

  @Test(
    "Numbers are written so that reading them gives the same number",
    arguments: [
      (0.0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.1, "0.1"), (1e-9, "1e-09"),
      (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
      (1_795_342_500.25, "1795342500.25"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) {
    #expect(
      written { $0.gauge("n", "N.", [.init([:], value)]) }.split(separator: "\n").last
        == "n \(text)")
  }

  @Test("Names that Prometheus would refuse, or take for something else, are a mistake of ours")
  func names() async {
    await #expect(processExitsWith: .failure) {
      var writer = MetricsWriter()
      writer.gauge("1st", "", [])
    }
    await #expect(processExitsWith: .failure) {
      var writer = MetricsWriter()
      writer.counter("jobs", "", [])
    }
    await #expect(processExitsWith: .failure) {
      var writer = MetricsWriter()
      writer.gauge("jobs_total", "", [])
    }
    await #expect(processExitsWith: .failure) {
      var writer = MetricsWriter()
      writer.gauge("a", "", [.init(["le": "1"], 1)])
    }
    await #expect(processExitsWith: .failure) {
      var writer = MetricsWriter()
      writer.gauge("a", "", [])
      writer.gauge("a", "", [])
    }
  }
}
