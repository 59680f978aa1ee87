package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program that refuses to run as root (PostgreSQL) as somebody else, by whatever tool this
 * machine has. Does nothing when this JVM does not run as root.
 *
 * <p>{@code setpriv} and {@code unshare} replace themselves by the program; {@code runuser} and
 * {@code su} stay as its parent, which is why {@link ServerProcess} always deals with process
 * trees.
 */
final class Unprivileged {

  private static final List<String> USERS = List.of("postgres", "nobody");

  private final List<String> prefix;
  private final @Nullable String user;

  private Unprivileged(List<String> prefix, @Nullable String user) {
    this.prefix = prefix;
    this.user = user;
  }

  static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  /** The first way that works here. */
  static Unprivileged find() {
    if (!isRoot()) {
      return new Unprivileged(List.of(), null);
    }
    return ways().stream()
        .filter(Unprivileged::works)
        .findFirst()
        .orElseThrow(
            () ->
                new ServerUnavailableException(
                    "this JVM runs as root, and none of setpriv, runuser, su and unshare -U works"
                        + " to start a server as "
                        + USERS));
  }

  /** All that may work, the best first. */
  static List<Unprivileged> ways() {
    List<Unprivileged> ways = new ArrayList<>();
    for (String user : USERS) {
      ways.add(
          new Unprivileged(
              List.of("setpriv", "--reuid=" + user, "--regid=" + group(user), "--clear-groups"),
              user));
      ways.add(new Unprivileged(List.of("runuser", "-u", user, "--"), user));
      // with a shell of our own, for nobody's is nologin; "$@" keeps the words as they are
      ways.add(
          new Unprivileged(
              List.of("su", user, "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--"), user));
    }
    // root of no user namespace: the id is then that of nobody, and so seems the folder's owner
    ways.add(new Unprivileged(List.of("unshare", "-U"), null));
    return ways;
  }

  List<String> wrap(List<String> command) {
    return Stream.concat(prefix.stream(), command.stream()).toList();
  }

  /** Gives a folder and all in it to the user that the program will run as. */
  void give(Path folder) throws IOException {
    if (user == null) {
      return;
    }
    UserPrincipal owner =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        Files.setOwner(path, owner);
      }
    }
  }

  boolean works() {
    return Commands.exists(prefix.get(0)) && Commands.succeeds(wrap(List.of("true")));
  }

  @Override
  public String toString() {
    return String.join(" ", prefix);
  }

  private static String group(String user) {
    try {
      return Commands.run(Path.of("/"), List.of("id", "-g", user)).strip();
    } catch (IOException | RuntimeException e) {
      return "65534";
    }
  }
}
