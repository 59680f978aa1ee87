package dev.holdfast.lock.testkit.server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where the broker's jars are. They are too many to lie on the class path of tests, with versions
 * of their own; so a file there names them.
 *
 * @param entries the broker's class path, as {@code java -cp} wants it
 */
record PulsarClassPath(String entries) {

  /** Names a file whose text is the broker's class path; asked before the resource. */
  static final String FILE_PROPERTY = "holdfast.pulsar.classpath";

  /** A resource whose text is the broker's class path. */
  static final String RESOURCE = "holdfast/pulsar-server.classpath";

  static final String HINT =
      "have your build write the class path of org.apache.pulsar:pulsar-broker, one line as for"
          + " java -cp, to a test resource named "
          + RESOURCE
          + ", or to a file that the system property "
          + FILE_PROPERTY
          + " names";

  static Optional<PulsarClassPath> find() {
    String file = System.getProperty(FILE_PROPERTY, "");
    return file.isBlank() ? resource() : Optional.of(read(Path.of(file)));
  }

  private static PulsarClassPath read(Path file) {
    try {
      return new PulsarClassPath(Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ", named by " + FILE_PROPERTY, e);
    }
  }

  private static Optional<PulsarClassPath> resource() {
    try (InputStream in = PulsarClassPath.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      return in == null
          ? Optional.empty()
          : Optional.of(
              new PulsarClassPath(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }

  /** The broker's version, by the name of its jar. */
  String version() {
    return Arrays.stream(entries.split(File.pathSeparator, -1))
        .map(entry -> new File(entry).getName())
        .filter(name -> name.matches("pulsar-broker-\\d.*\\.jar"))
        .map(name -> name.substring("pulsar-broker-".length(), name.length() - ".jar".length()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no pulsar-broker in " + RESOURCE));
  }
}
