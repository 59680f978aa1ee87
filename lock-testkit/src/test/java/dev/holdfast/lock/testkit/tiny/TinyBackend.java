package dev.holdfast.lock.testkit.tiny;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Asks a {@link TinyServer}, over a connection for each question.
 *
 * <p>The server counts a lease from when it runs a claim or a renewal, and {@code asOf} is read
 * before that was sent.
 */
final class TinyBackend implements LockBackend {

  private final InetSocketAddress server;
  private final BackendContext context;

  TinyBackend(InetSocketAddress server, BackendContext context) {
    this.server = server;
    this.context = context;
  }

  @Override
  public LockCapabilities capabilities() {
    return LockCapabilities.of("tiny").withBlocking();
  }

  private String ask(String verb, Claim claim, String more, Duration patience) {
    int limit = (int) Math.max(1, patience.toMillis());
    String name = Base64.getEncoder().encodeToString(claim.name().getBytes(StandardCharsets.UTF_8));
    String line = String.join(" ", verb, name, claim.id().replace(' ', '_'), more) + "\n";
    try (Socket socket = new Socket()) {
      socket.connect(server, limit);
      socket.setSoTimeout(limit);
      socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      if (answer == null) {
        throw new IOException("connection closed");
      }
      return answer;
    } catch (IOException e) {
      throw BackendFailure.transientFailure("no answer from " + server, e);
    }
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    long asOf = context.ticker().read();
    String lease = Long.toString(claim.lease().toNanos());
    String[] words = ask("claim", claim, lease, claim.patience()).split(" ", -1);
    long number = Long.parseLong(words[1]);
    return completedFuture(
        words[0].equals("granted")
            ? new Granted(number, claim.lease(), asOf)
            : Waiting.poll(Duration.ofNanos(number), Optional.empty()));
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    for (Claim claim : claims) {
      long asOf = context.ticker().read();
      if (ask("renew", claim, "", context.options().operationTimeout()).equals("yes")) {
        context.holds().renewed(claim, claim.lease(), asOf);
      } else {
        context.holds().gone(claim, LossReason.REVOKED);
      }
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    String answer = ask("release", claim, "", context.options().operationTimeout());
    return completedFuture(
        answer.equals("yes") ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD);
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return completedFuture(LockView.FREE); // nobody asks
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return completedFuture(null);
  }
}
