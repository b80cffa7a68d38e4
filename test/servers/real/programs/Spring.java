// Spring Authorization Server with both of its registration endpoints, the registrar of its documentation, and the sign-in page
// that most applications have behind it.
package app;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class Spring {
  static final Map<String, RegisteredClient> clients = new ConcurrentHashMap<>();

  public static void main(String[] args) {
    SpringApplication.run(Spring.class, args);
  }

  @Bean
  RegisteredClientRepository repository() {
    RegisteredClient registrar = RegisteredClient.withId("registrar").clientId("registrar").clientSecret("{noop}secret")
      .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
      .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
      .scope("client.create").scope("client.read").build();
    clients.put(registrar.getId(), registrar);
    return new RegisteredClientRepository() {
      public void save(RegisteredClient client) { clients.put(client.getId(), client); }
      public RegisteredClient findById(String id) { return clients.get(id); }
      public RegisteredClient findByClientId(String id) { return find(id); }
    };
  }

  static RegisteredClient find(String id) {
    return clients.values().stream().filter(it -> it.getClientId().equals(id)).findFirst().orElse(null);
  }

  @Bean
  @Order(1)
  SecurityFilterChain operators(HttpSecurity http) throws Exception {
    return http.securityMatcher("/operator/**").csrf(it -> it.disable()).authorizeHttpRequests(it -> it.anyRequest().permitAll()).build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain authorizationServer(HttpSecurity http) throws Exception {
    return http.oauth2AuthorizationServer(server -> {
      http.securityMatcher(server.getEndpointsMatcher());
      if (Boolean.getBoolean("oauth2")) server.clientRegistrationEndpoint(Customizer.withDefaults());
      server.oidc(oidc -> {
        if (!Boolean.getBoolean("oauth2")) oidc.clientRegistrationEndpoint(Customizer.withDefaults());
      });
    }).oauth2ResourceServer(it -> it.jwt(Customizer.withDefaults())).authorizeHttpRequests(it -> it.anyRequest().authenticated()).build();
  }

  @Bean
  @Order(3)
  SecurityFilterChain application(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(it -> it.anyRequest().authenticated()).formLogin(Customizer.withDefaults()).build();
  }

  @Bean
  UserDetailsService users() {
    return new InMemoryUserDetailsManager(List.of(User.withUsername("user").password("{noop}password").build()));
  }

  @RestController
  static class Operator {
    @PostMapping("/operator/forget")
    void forget(@RequestBody String id) { clients.remove(find(id).getId()); }

    @PostMapping("/operator/newSecret")
    String newSecret(@RequestBody String id) {
      String secret = UUID.randomUUID().toString();
      RegisteredClient client = find(id);
      clients.put(client.getId(), RegisteredClient.from(client).clientSecret("{noop}" + secret).build());
      return secret;
    }
  }
}
