package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ways to a broker that lead through proxies. A broker tells its clients where to find each topic,
 * so a proxy in front of it is soon gone round; unless the broker has another port for those who
 * come through, and tells them the proxy's.
 */
final class PulsarListeners implements AutoCloseable {

  private final List<Integer> ports = new ArrayList<>();
  private final List<FaultProxy> proxies = new ArrayList<>();

  PulsarListeners(int count) {
    for (int i = 0; i < count; i++) {
      int port = FreePorts.next();
      ports.add(port);
      proxies.add(FaultProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }
  }

  List<FaultProxy> proxies() {
    return List.copyOf(proxies);
  }

  /** What the broker that listens on {@code port} has to be told. */
  Map<String, String> settings(int port) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (proxies.isEmpty()) {
      return settings;
    }
    List<String> advertised = new ArrayList<>(List.of("direct:" + url(port)));
    List<String> bound = new ArrayList<>();
    for (int i = 0; i < proxies.size(); i++) {
      advertised.add("proxied" + i + ":" + url(proxies.get(i).port()));
      bound.add("proxied" + i + ":" + url(ports.get(i)));
    }
    settings.put("advertisedAddress", ""); // refused beside listeners
    settings.put("internalListenerName", "direct");
    settings.put("advertisedListeners", String.join(",", advertised));
    settings.put("bindAddresses", String.join(",", bound));
    return settings;
  }

  private static String url(int port) {
    return "pulsar://" + ServerHome.HOST + ":" + port;
  }

  @Override
  public void close() {
    proxies.forEach(FaultProxy::close);
  }
}
