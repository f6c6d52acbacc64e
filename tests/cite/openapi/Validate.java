import com.reprezen.kaizen.oasparser.OpenApi3Parser;
import com.reprezen.kaizen.oasparser.model3.OpenApi3;
import com.reprezen.kaizen.oasparser.val.ValidationResults.ValidationItem;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** Validates an API definition as OGC's suite does: fetched with the media type of OpenAPI 3.0, parsed strictly. */
public class Validate {
    private static final String OPENAPI_30 = "application/vnd.oai.openapi+json;version=3.0";
    private static final int LIMIT_MS = 30_000;

    public static void main(String[] arguments) throws Exception {
        URL url = new URL(arguments[0]);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setRequestProperty("Accept", OPENAPI_30);
        connection.setConnectTimeout(LIMIT_MS);
        connection.setReadTimeout(LIMIT_MS);
        String definition;
        try (InputStream body = connection.getInputStream()) {
            definition = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
        OpenApi3 model = new OpenApi3Parser().parse(definition, url, true);
        for (ValidationItem item : model.getValidationItems()) {
            System.out.println("openapi:   " + item.getSeverity() + ": " + item);
        }
        System.out.printf("openapi: %s: %s, %d paths%n", url, model.isValid() ? "valid" : "NOT VALID", model.getPaths().size());
        System.exit(model.isValid() && !model.getPaths().isEmpty() ? 0 : 1);
    }
}
