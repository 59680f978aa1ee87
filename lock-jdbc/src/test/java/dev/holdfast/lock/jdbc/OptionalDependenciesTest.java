package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The module on class paths that lack what it can do without. */
class OptionalDependenciesTest {

  /** Runs inside the other class path. */
  public static final class OwnPool implements Callable<String> {

    private static final String URL = "jdbc:postgresql://localhost:1/db?password=wrong-secret";

    @Override
    public String call() {
      try { // DriverManager finds by itself only what the JVM was started with
        Class.forName("org.postgresql.Driver", true, getClass().getClassLoader());
      } catch (ClassNotFoundException e) {
        // left out, which is what is tested
      }
      try (LockClient opened = LockClient.connect(URL, LockClientOptions.defaults())) {
        return "opened " + opened.capabilities().backend();
      } catch (RuntimeException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
      }
    }
  }

  /** The same, with a data source of the application's. */
  public static final class Lent implements Callable<String> {

    @Override
    public String call() throws Exception {
      Class<?> type = Class.forName("org.h2.jdbcx.JdbcDataSource");
      DataSource source = (DataSource) type.getConstructor().newInstance();
      type.getMethod("setURL", String.class).invoke(source, "jdbc:h2:mem:lent;DB_CLOSE_DELAY=-1");
      try (LockClient client = LockClient.over(JdbcLocks.over(source))) {
        return client.lock("n").call(held -> "held " + held.isHeld());
      }
    }
  }

  private static String without(Class<? extends Callable<String>> task, String... artifacts)
      throws Exception {
    List<URL> path = new ArrayList<>();
    int missing = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String file = Path.of(entry).getFileName().toString();
      if (Stream.of(artifacts).anyMatch(file::startsWith)) {
        missing++;
      } else {
        path.add(url(entry));
      }
    }
    assertThat(missing).as("found and left out").isGreaterThanOrEqualTo(artifacts.length);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader other =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(other);
      Object there = other.loadClass(task.getName()).getConstructor().newInstance();
      return (String) Callable.class.getMethod("call").invoke(there);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URL url(String entry) throws MalformedURLException {
    return Path.of(entry).toUri().toURL();
  }

  @Test
  void everything_isThere_withoutLeavingAnythingOut() throws Exception {
    assertThat(without(Lent.class)).isEqualTo("held true");
    assertThat(without(OwnPool.class)).isEqualTo("opened jdbc:postgresql");
  }

  @Test
  void noPool_isToldWithTheArtifact_whenTheClientIsMade() throws Exception {
    assertThat(without(OwnPool.class, "HikariCP"))
        .startsWith("LockConfigurationException")
        .contains("com.zaxxer:HikariCP")
        .contains("DataSource")
        .doesNotContain("wrong-secret");
  }

  @Test
  void noDriver_isToldWithTheArtifact_whenTheClientIsMade() throws Exception {
    assertThat(without(OwnPool.class, "postgresql-"))
        .startsWith("LockConfigurationException")
        .contains("org.postgresql:postgresql")
        .doesNotContain("wrong-secret");
  }

  @Test
  void neitherPoolNorDrivers_areNeededForADataSource() throws Exception {
    assertThat(
            without(
                Lent.class, "HikariCP", "postgresql-", "mariadb-java-client", "mysql-connector"))
        .isEqualTo("held true");
  }
}
