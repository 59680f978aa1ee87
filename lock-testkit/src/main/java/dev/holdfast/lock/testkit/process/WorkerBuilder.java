package dev.holdfast.lock.testkit.process;

import dev.holdfast.lock.testkit.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Prepares a {@link WorkerProcess}. Not thread-safe; may start several workers, one after another.
 */
public final class WorkerBuilder {

  private static final AtomicLong numbers = new AtomicLong();

  private final String mainClass;
  private String name;
  private String classPath = System.getProperty("java.class.path");
  private Path javaHome = Path.of(System.getProperty("java.home"));
  private List<String> arguments = List.of();
  private final List<String> jvmOptions = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();
  private final List<Consumer<String>> listeners = new ArrayList<>();

  WorkerBuilder(String mainClass) {
    this.mainClass = mainClass;
    this.name = mainClass.substring(mainClass.lastIndexOf('.') + 1) + numbers.incrementAndGet();
  }

  /**
   * Names the worker in thread names and messages.
   *
   * @param name default: the simple name of the main class and a number
   * @return this
   */
  public WorkerBuilder name(String name) {
    this.name = name;
    return this;
  }

  /**
   * Sets the arguments of {@code main}.
   *
   * @param arguments default: none
   * @return this
   */
  public WorkerBuilder arguments(String... arguments) {
    this.arguments = List.of(arguments);
    return this;
  }

  /**
   * Sets the class path.
   *
   * @param classPath default: that of this JVM
   * @return this
   */
  public WorkerBuilder classPath(String classPath) {
    this.classPath = classPath;
    return this;
  }

  /**
   * Sets which Java runs the worker.
   *
   * @param javaHome default: that of this JVM
   * @return this
   */
  public WorkerBuilder javaHome(Path javaHome) {
    this.javaHome = javaHome;
    return this;
  }

  /**
   * Adds options of the JVM, such as {@code -Xmx64m} or {@code -Dname=value}.
   *
   * @param options added to those given before
   * @return this
   */
  public WorkerBuilder jvmOptions(String... options) {
    jvmOptions.addAll(List.of(options));
    return this;
  }

  /**
   * Sets an environment variable on top of those of this JVM.
   *
   * @param variable its name
   * @param value its value
   * @return this
   */
  public WorkerBuilder environment(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /**
   * Adds a listener that misses no line, however early.
   *
   * @param listener as for {@link WorkerProcess#onLine}
   * @return this
   */
  public WorkerBuilder onLine(Consumer<String> listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Starts a worker.
   *
   * @return the running worker
   * @throws java.io.UncheckedIOException if it cannot be started
   */
  public WorkerProcess start() {
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.environment().putAll(environment);
    return new WorkerProcess(name, builder, listeners);
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    // a JVM that is killed would leave its /tmp/hsperfdata file behind
    command.add("-XX:-UsePerfData");
    String factor = System.getProperty(Await.FACTOR_PROPERTY);
    if (factor != null) {
      command.add("-D" + Await.FACTOR_PROPERTY + "=" + factor);
    }
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(arguments);
    return command;
  }
}
