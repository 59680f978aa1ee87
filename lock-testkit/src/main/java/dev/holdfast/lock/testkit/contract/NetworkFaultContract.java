package dev.holdfast.lock.testkit.contract;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a network may do between the holders and their store. See {@link FaultContract}. */
public abstract class NetworkFaultContract extends FaultContract {

  private final Map<NetworkFault, Future<?>> trials = new EnumMap<>(NetworkFault.class);
  private ExecutorService stage = Executors.newCachedThreadPool();

  /** For the class of a backend. */
  protected NetworkFaultContract() {}

  /**
   * How many faults are tried at the same time, on locks and proxies of their own: mostly they
   * wait. One means that each is tried when its test is run, else the first test begins with all.
   * Default: 4.
   */
  protected int atOnce() {
    return 4;
  }

  @AfterAll
  final void endTrials() {
    stage.shutdownNow();
  }

  private void play(NetworkFault fault) throws Exception {
    if (trials.isEmpty()) {
      stage.shutdown();
      stage = Executors.newFixedThreadPool(Math.max(1, atOnce()));
      NetworkFault[] all = atOnce() > 1 ? NetworkFault.values() : new NetworkFault[] {fault};
      for (NetworkFault each : all) {
        trials.put(each, stage.submit(() -> played(each)));
      }
    }
    Future<?> trial = trials.computeIfAbsent(fault, late -> stage.submit(() -> played(late)));
    try {
      trial.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  private Boolean played(NetworkFault fault) throws Exception {
    fault.play(this);
    return true;
  }

  /** L1: into a black hole; nobody can tell the holder but its clock. */
  @Test
  public void blackHole_holdersAreToldFirst() throws Exception {
    play(NetworkFault.BLACK_HOLE);
  }

  /** L1: the store hears nothing of the holder, and goes on speaking to it. */
  @Test
  public void requestsLost_holdersAreToldFirst() throws Exception {
    play(NetworkFault.REQUESTS_LOST);
  }

  /** L1: the store hears the holder, which hears nothing and does not take that for a yes. */
  @Test
  public void repliesLost_holdersAreToldFirst() throws Exception {
    play(NetworkFault.REPLIES_LOST);
  }

  /** L1: connections are reset, and no new ones come about. */
  @Test
  public void connectionsRefused_holdersAreToldFirst() throws Exception {
    play(NetworkFault.CUT);
  }

  /** L3: a short silence costs nothing; then L1. */
  @Test
  public void blackHole_forAMoment_costsNothing() throws Exception {
    play(NetworkFault.BRIEF_BLACK_HOLE);
  }

  /** L3: a short outage costs nothing; then L1. */
  @Test
  public void connectionsRefused_forAMoment_costsNothing() throws Exception {
    play(NetworkFault.BRIEF_CUT);
  }

  /** L3: connections that are reset again and again cost nothing; then L1. */
  @Test
  public void connectionsReset_costNothing() throws Exception {
    play(NetworkFault.RESETS);
  }

  /** L3: the same for connections that end to the server only; then L1. */
  @Test
  public void requestsEnded_costNothing() throws Exception {
    requiresHalfClose();
    play(NetworkFault.REQUESTS_ENDED);
  }

  /** L3: the same for connections that end to the client only; then L1. */
  @Test
  public void repliesEnded_costNothing() throws Exception {
    requiresHalfClose();
    play(NetworkFault.REPLIES_ENDED);
  }

  /** R1: what comes after the next grant takes nothing from its holder; before that, L1. */
  @Test
  public void allDeliveredLate_changesNothing() throws Exception {
    play(NetworkFault.LATE);
  }

  /** L1: trust counts from requests, however slow the answers are (A1). */
  @Test
  public void repliesSlowerAndSlower_holdersAreToldFirst() throws Exception {
    play(NetworkFault.SLOWER_AND_SLOWER);
  }

  /** X3: grants whose answers are lost are found again, and trusted no longer than they last. */
  @Test
  public void acquireUnanswered_isFoundGrantedOrGrantedAnew() throws Exception {
    play(NetworkFault.ACQUIRE_UNANSWERED);
  }

  /** W1: claims that got no answer, and were given up, hold up nobody. */
  @Test
  public void acquireUnanswered_andGivenUp_leavesNothing() throws Exception {
    play(NetworkFault.ACQUIRE_GIVEN_UP);
  }

  /** R1: releases whose answers are lost free the locks, and when repeated nobody else's. */
  @Test
  public void releaseUnanswered_freesItsOwnLockOnly() throws Exception {
    play(NetworkFault.RELEASE_UNANSWERED);
  }

  private void requiresHalfClose() {
    try (FaultPath path = control().path()) {
      requires(path.canHalfClose(), "L3", "connections that can be half-closed");
    }
  }
}
