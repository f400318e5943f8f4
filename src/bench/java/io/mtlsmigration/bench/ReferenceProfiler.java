// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Measures the machine beside a benchmark, in the same process, right before and after each
 * iteration: hashes the names of 150,000 pods and finds each in a table of its own. It uses arrays
 * alone, allocates nothing and calls nothing that the service calls, so that neither its code nor
 * what the compiler has learnt from it changes the time. Both times are of the CPU, which other
 * processes on the machine lengthen least (ADR 43).
 */
public class ReferenceProfiler implements InternalProfiler {

  static final String REFERENCE = "reference";
  static final String RATIO = "ratio";
  static final String BUSY = "busy";

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final int PODS = 150_000;
  private static final int SLOTS = 1 << 18;

  /** Coprime with the number of pods, so that each is looked up, far from the one before. */
  private static final int STRIDE = 7_919;

  private static final long AT_LEAST = TimeUnit.MILLISECONDS.toNanos(100);

  private final byte[] names;
  private final int[] ends = new int[PODS];
  private final int[] slots = new int[SLOTS];
  private double nanos;
  private double waited;
  private long begin;
  private int turns;

  public ReferenceProfiler() {
    StringBuilder all = new StringBuilder();
    for (int pod = 0; pod < PODS; pod++) {
      ends[pod] = all.append(LoadedPod.name(pod / 15, pod % 15)).append(pod).length();
    }
    names = all.toString().getBytes(StandardCharsets.US_ASCII);
    for (int pod = 0; pod < PODS; pod++) {
      int slot = hash(pod) & SLOTS - 1;
      while (slots[slot] != 0) {
        slot = slot + 1 & SLOTS - 1;
      }
      slots[slot] = pod + 1;
    }
  }

  @Override
  public String getDescription() {
    return "what the machine needs for the reference, beside each iteration";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    nanos = 0;
    waited = 0;
    turns = 0;
    measure();
    begin = PROCESS.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    // The collector's time and the compiler's are in it.
    double spent = PROCESS.getProcessCpuTime() - begin;
    measure();
    double operations = result.getMetadata().getAllOps();
    double ratio = spent / operations / (nanos / turns);
    return List.of(
        new ScalarResult(REFERENCE, nanos / turns / 1e6, "ms/op", AggregationPolicy.AVG),
        new ScalarResult(RATIO, ratio, "times", AggregationPolicy.AVG),
        new ScalarResult(BUSY, waited / nanos, "times", AggregationPolicy.AVG));
  }

  private void measure() {
    long clock = System.nanoTime();
    long start = THREADS.getCurrentThreadCpuTime();
    long spent = 0;
    while (spent < AT_LEAST) {
      if (lookUp() != PODS) {
        throw new IllegalStateException("not every pod was found");
      }
      turns++;
      spent = THREADS.getCurrentThreadCpuTime() - start;
    }
    nanos += spent;
    waited += System.nanoTime() - clock;
  }

  private int lookUp() {
    int hits = 0;
    int pod = 0;
    for (int i = 0; i < PODS; i++) {
      hits += find(pod) == pod ? 1 : 0;
      pod = (pod + STRIDE) % PODS;
    }
    return hits;
  }

  private int find(int pod) {
    int slot = hash(pod) & SLOTS - 1;
    while (!same(slots[slot] - 1, pod)) {
      slot = slot + 1 & SLOTS - 1;
    }
    return slots[slot] - 1;
  }

  private boolean same(int one, int other) {
    return Arrays.equals(names, begin(one), ends[one], names, begin(other), ends[other]);
  }

  private int begin(int pod) {
    return pod == 0 ? 0 : ends[pod - 1];
  }

  private int hash(int pod) {
    int hash = 0x811c9dc5;
    for (int i = begin(pod); i < ends[pod]; i++) {
      hash = (hash ^ names[i]) * 0x01000193;
    }
    return hash ^ hash >>> 15;
  }
}
