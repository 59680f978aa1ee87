package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** What each broken backend gets wrong, the rule that it breaks, and the test that must see it. */
enum Defect {
  DEADLINE_FROM_THE_REPLY(
      "L1",
      BrokenSubjects.Margin.class,
      "margins_afterSlowAnswers_arePositive",
      (healthy, context, shared) -> BrokenTime.deadlineFromTheReply(healthy, context)),
  DEADLINE_FROM_THE_REPLY_BY_ITS_VALUE(
      "L1",
      BrokenSubjects.Lock.class,
      "deadline_withSlowAnswers_countsFromTheRequest",
      (healthy, context, shared) -> BrokenTime.deadlineFromTheReply(healthy, context)),
  DEADLINE_FROM_THE_PUSH(
      "L1",
      BrokenSubjects.Margin.class,
      "margins_afterAHandOver_arePositive",
      (healthy, context, shared) -> BrokenTime.deadlineFromThePush(healthy, context)),
  VALID_FOR_TOO_LONG(
      "L1",
      BrokenSubjects.Margin.class,
      "margins_ofHoldersCutOff_arePositive",
      (healthy, context, shared) -> BrokenTime.validForTooLong(healthy, context)),
  LEASE_SHORTER_THAN_SAID(
      "L1",
      BrokenSubjects.Margin.class,
      "margins_ofHoldersCutOff_arePositive",
      (healthy, context, shared) -> BrokenQueues.leaseIgnored(healthy, context)),
  RENEWAL_WITHOUT_ASKING(
      "L4",
      BrokenSubjects.Lock.class,
      "deletion_byAnOperator_isToldAsRevoked_andTheNextGrantLives",
      (healthy, context, shared) -> BrokenTime.renewalWithoutAsking(healthy, context)),
  GONE_NEVER_TOLD(
      "L4",
      BrokenSubjects.Lock.class,
      "deletion_byAnOperator_isToldAsRevoked_andTheNextGrantLives",
      (healthy, context, shared) -> BrokenTime.goneNeverTold(healthy, context)),
  BATCH_FAILS_AS_A_WHOLE(
      "S2",
      BrokenSubjects.Lock.class,
      "renewal_stuckForOneName_endangersNoOther",
      (healthy, context, shared) -> BrokenTime.batchFailsAsAWhole(healthy, context)),
  RENEWAL_RECREATES(
      "L4",
      BrokenSubjects.Lock.class,
      "deletion_byAnOperator_isToldAsRevoked_andTheNextGrantLives",
      (healthy, context, shared) -> BrokenGrants.renewalRecreates(healthy, context)),
  RENEWAL_STEALS(
      "R1",
      BrokenSubjects.Lock.class,
      "renewals_deliveredAfterATakeOver_changeNothing",
      (healthy, context, shared) -> BrokenGrants.renewalSteals(healthy, context, shared.store)),
  RELEASE_DELETES_ANYBODY(
      "R1",
      BrokenSubjects.Lock.class,
      "requests_deliveredAfterATakeOver_changeNothing",
      (healthy, context, shared) ->
          BrokenGrants.releaseDeletesAnybody(healthy, context, shared.store)),
  CLAIM_IS_ITS_CLIENT(
      "R1",
      BrokenSubjects.Lock.class,
      "release_deliveredLate_leavesTheNextHandleOfTheSameClient",
      (healthy, context, shared) -> BrokenGrants.claimIsItsClient(healthy, context)),
  RELEASE_ANSWERED_TOO_EARLY(
      "R1",
      BrokenSubjects.Lock.class,
      "release_confirmed_hasFreedTheLock",
      (healthy, context, shared) -> BrokenQueues.releaseAnsweredTooEarly(healthy, context)),
  CLAIM_IS_ITS_REQUEST(
      "W3",
      BrokenSubjects.Lock.class,
      "wakeUp_thatIsLost_costsAtMostThePollInterval",
      (healthy, context, shared) -> BrokenGrants.claimIsItsRequest(healthy, context)),
  NAMES_WITHOUT_CASE(
      "X2",
      BrokenSubjects.Lock.class,
      "names_thatDifferInAnything_areDifferentLocks",
      (healthy, context, shared) -> BrokenGrants.namesWithoutCase(healthy, context)),
  NAMES_PADDED(
      "X2",
      BrokenSubjects.Lock.class,
      "names_thatDifferInAnything_areDifferentLocks",
      (healthy, context, shared) -> BrokenGrants.namesPadded(healthy, context)),
  NAMES_HASHED(
      "X2",
      BrokenSubjects.Lock.class,
      "names_thatDifferInAnything_areDifferentLocks",
      (healthy, context, shared) -> BrokenGrants.namesHashed(healthy, context)),
  ASKING_ONCE_QUEUES(
      "X1",
      BrokenSubjects.Lock.class,
      "tryAcquire_ofAHeldLock_isEmpty_alsoForItsHolder",
      (healthy, context, shared) -> BrokenGrants.askingOnceQueues(healthy, context)),
  TOKEN_BEFORE_THE_GRANT(
      "F1",
      BrokenSubjects.Lock.class,
      "token_ofAnEarlyWaiter_isDrawnAtItsGrant",
      (healthy, context, shared) ->
          BrokenGrants.tokenBeforeTheGrant(healthy, context, shared.counter)),
  TOKEN_REPEATED_BY_A_TAKE_OVER(
      "F1",
      BrokenSubjects.Lock.class,
      "tokens_ofAName_increaseWhateverHappens",
      (healthy, context, shared) ->
          BrokenGrants.tokenRepeatedByATakeOver(healthy, context, shared.counter)),
  TOKEN_RESTARTS(
      "F1",
      BrokenSubjects.Lock.class,
      "tokens_ofAName_increaseWhateverHappens",
      (healthy, context, shared) -> BrokenGrants.tokenRestarts(healthy, context)),
  WITHDRAWAL_FORGOTTEN(
      "W1",
      BrokenSubjects.Lock.class,
      "waits_thatEndedWithoutTheLock_holdUpNobody",
      (healthy, context, shared) -> BrokenQueues.withdrawalForgotten(healthy, context)),
  WAKE_UPS_LOST(
      "W3",
      BrokenSubjects.Lock.class,
      "release_wakesTheWaiter",
      (healthy, context, shared) -> BrokenQueues.wakeUpsLost(healthy, context)),
  LAST_COME_FIRST_SERVED(
      "W4",
      BrokenSubjects.Lock.class,
      "clients_thatWait_areServedInOrder",
      Mode.POLLED,
      (healthy, context, shared) ->
          BrokenQueues.lastComeFirstServed(healthy, context, shared.waiting)),
  HERD(
      "W5",
      BrokenSubjects.Lock.class,
      "release_wakesOneWaiter",
      Mode.POLLED,
      (healthy, context, shared) -> BrokenQueues.herd(healthy, context, shared.waiting)),
  THREAD_LEFT(
      "R3",
      BrokenSubjects.Lock.class,
      "clients_thatComeAndGo_leaveNothing",
      (healthy, context, shared) -> BrokenQueues.threadLeft(healthy, context)),
  INSPECTION_LIES(
      "P3",
      BrokenSubjects.Lock.class,
      "holder_showsWhoHasTheLock",
      (healthy, context, shared) -> BrokenQueues.inspectionLies(healthy, context)),
  REFUSAL_IGNORED(
      "P5",
      BrokenSubjects.Lock.class,
      "switchedOff_isRefused_untilSwitchedOn",
      (healthy, context, shared) -> BrokenGrants.refusalIgnored(healthy, context)),
  LOSS_TOLD_TWICE(
      "L2",
      BrokenSubjects.Lock.class,
      "onLost_isToldOnce_toEveryListener",
      BrokenHandles::lossToldTwice),
  LOSS_TOLD_AFTER_A_RELEASE(
      "L2",
      BrokenSubjects.Lock.class,
      "onLost_afterARelease_isNeverTold",
      BrokenHandles::lossToldAfterARelease),
  HELD_INSIDE_THE_CALLBACK(
      "L2",
      BrokenSubjects.Lock.class,
      "onLost_isToldOnce_toEveryListener",
      BrokenHandles::heldInsideTheCallback),
  HELD_UNTIL_TOLD(
      "L5",
      BrokenSubjects.Lock.class,
      "isHeld_afterAPauseOfTheClient_isFalseAtOnce",
      BrokenHandles::heldUntilTold),
  TOKEN_OF_THE_NEWEST(
      "F2",
      BrokenSubjects.Lock.class,
      "token_ofALostHandle_staysAsItWas",
      BrokenHandles::tokenOfTheNewest),
  RELEASE_ALWAYS_WELL(
      "R1",
      BrokenSubjects.Lock.class,
      "release_afterExpiry_leavesSuccessorHolding",
      BrokenHandles::releaseAlwaysWell),
  CLOSE_THROWS_AFTER_A_LOSS(
      "P1",
      BrokenSubjects.Lock.class,
      "tryWithResources_afterALoss_throwsWhatTheBodyThrew",
      BrokenHandles::closeThrowsAfterALoss),
  INTERRUPT_SWALLOWED(
      "R2",
      BrokenSubjects.Lock.class,
      "release_byAnInterruptedThread_worksAndKeepsTheFlag",
      BrokenHandles::interruptSwallowed),

  TIMEOUT_IS_A_RENEWAL(
      "L1",
      BrokenSubjects.Network.class,
      "blackHole_holdersAreToldFirst",
      (healthy, context, shared) -> BrokenConnections.timeoutIsARenewal(healthy, context)),
  FAILURE_IS_A_RENEWAL(
      "L1",
      BrokenSubjects.Network.class,
      "connectionsRefused_holdersAreToldFirst",
      (healthy, context, shared) -> BrokenConnections.failureIsARenewal(healthy, context)),
  FAILURE_IS_A_LOSS(
      "L3",
      BrokenSubjects.Network.class,
      "connectionsRefused_forAMoment_costsNothing",
      (healthy, context, shared) -> BrokenConnections.failureIsALoss(healthy, context)),
  FAILURE_ENDS_RENEWALS(
      "L3",
      BrokenSubjects.Network.class,
      "connectionsRefused_forAMoment_costsNothing",
      (healthy, context, shared) -> BrokenConnections.failureEndsRenewals(healthy, context)),
  FOUND_AGAIN_IS_FRESH(
      "X3",
      BrokenSubjects.Network.class,
      "acquireUnanswered_isFoundGrantedOrGrantedAnew",
      (healthy, context, shared) -> BrokenConnections.foundAgainIsFresh(healthy, context)),
  GHOST_AFTER_A_LOST_REPLY(
      "W1",
      BrokenSubjects.Network.class,
      "acquireUnanswered_andGivenUp_leavesNothing",
      (healthy, context, shared) -> BrokenConnections.ghostAfterALostReply(healthy, context)),
  REPEATED_RELEASE_IS_BY_NAME(
      "R1",
      BrokenSubjects.Network.class,
      "releaseUnanswered_freesItsOwnLockOnly",
      (healthy, context, shared) ->
          BrokenConnections.repeatedReleaseIsByName(healthy, context, shared)),
  RESTART_FORGETS(
      "L3",
      BrokenSubjects.Server.class,
      "serverKilled_andBackAtOnce_costsNothing",
      (healthy, context, shared) -> BrokenConnections.restartForgets(healthy, context, shared)),
  WALL_CLOCK(
      "L3",
      BrokenSubjects.Client.class,
      "clientsClock_jumpsByAnHour_doesNothing",
      (healthy, context, shared) -> BrokenTime.wallClock(healthy, context)),
  NEVER_CONNECTS_AGAIN(
      "L1",
      BrokenSubjects.Server.class,
      "serverKilled_andAwayForLong_holdersAreToldFirst",
      (healthy, context, shared) -> BrokenConnections.neverConnectsAgain(healthy, context));

  /** Makes a healthy backend into a broken one. */
  interface Way {
    LockBackend open(LockBackendFactory healthy, BackendContext context, Shared shared);
  }

  /** What the broken backends of one store have in common. */
  static final class Shared {
    final MemoryStore store;
    final AtomicLong counter = new AtomicLong();
    final Map<String, Deque<CompletableFuture<ClaimOutcome>>> waiting = new ConcurrentHashMap<>();
    final Set<String> forgottenByARestart = ConcurrentHashMap.newKeySet();

    Shared(MemoryStore store) {
      this.store = store;
    }
  }

  final String rule;
  final Class<?> subject;
  final String test;
  final Mode mode;

  @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
  final Way way;

  /** What the client does to its handles. */
  @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
  final UnaryOperator<LockHandle> handles;

  Defect(String rule, Class<?> subject, String test, Way way) {
    this(rule, subject, test, Mode.QUEUE, way);
  }

  Defect(String rule, Class<?> subject, String test, Mode mode, Way way) {
    this(rule, subject, test, mode, way, UnaryOperator.identity());
  }

  Defect(String rule, Class<?> subject, String test, UnaryOperator<LockHandle> handles) {
    this(
        rule,
        subject,
        test,
        Mode.QUEUE,
        (healthy, context, shared) -> healthy.open(context),
        handles);
  }

  Defect(
      String rule,
      Class<?> subject,
      String test,
      Mode mode,
      Way way,
      UnaryOperator<LockHandle> handles) {
    this.rule = rule;
    this.subject = subject;
    this.test = test;
    this.mode = mode;
    this.way = way;
    this.handles = handles;
  }
}
