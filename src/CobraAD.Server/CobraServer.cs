using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Hosting;
using CobraAD.Server.Telemetry;
using CobraAD.Server.Watching;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.OpenApi;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CobraAD.Server;

/// <summary>The scoring service.</summary>
public static class CobraServer
{
    /// <summary>Runs the service until it is told to stop, then lets requests under way finish.</summary>
    /// <param name="commandLine">Options by name, e.g. "ApiKey"; they win over the environment and <c>appsettings.json</c>.</param>
    /// <param name="cancellation">Stops the service, as SIGTERM and Ctrl+C do.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static async Task RunAsync(IReadOnlyDictionary<string, string?> commandLine, CancellationToken cancellation = default)
    {
        IConfigurationRoot configuration = ServerSettings.Read(commandLine, Directory.GetCurrentDirectory());
        await using WebApplication app = Create(ServerSettings.Options(configuration), builder => builder.Configuration.AddConfiguration(configuration));
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        BackgroundFaults.ThrowIfAny(app.Services);
    }

    /// <summary>Builds the service without starting it.</summary>
    /// <param name="options">What to serve and how.</param>
    /// <param name="configure">Changes the host before it is built; tests put another server and another detector in.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static WebApplication Create(ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddConsoleLog();
        builder.WebHost.UseUrls(options.Urls).UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        }).UseKestrelHttpsConfiguration();
        builder.Services.AddRouting().AddScoring(options, options.Database ?? Path.Combine(options.DataFolder, "results.db"));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        AddWeb(builder.Services, options);
        AddTelemetry(builder.Services, options);
        if (options.Watch is { } watch) builder.Services.AddFolderWatch(watch);
        foreach (ProductOptions product in options.Products)
        {
            if (product.Watch is { } folder) builder.Services.AddFolderWatch(folder, product.Name);
        }

        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        MapRequests(app, options);
        app.Logger.WarnOfOpenDoor(options);
        return app;
    }

    private static void AddWeb(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<UploadReader>().AddSingleton<ApiKeyGate>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => context.ProblemDetails.Detail ??= DetailOf(context.HttpContext)).AddExceptionHandler<ProblemHandler>();
        services.AddHealthChecks().AddCheck<ReadinessCheck>("ready");
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        services.AddOpenApi("v1", api => api.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "CobraAD scoring service", Version = "v1", Description = "Scores images of parts with an adversarially robust anomaly detector." };
            document.Servers?.Clear();
            if (options.ApiKey is null) return Task.CompletedTask;
            document.AddComponent("apiKey", new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = ApiKeyGate.Header });
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", document)] = [] }];
            return Task.CompletedTask;
        }));
        services.AddRateLimiter(limiter =>
        {
            limiter.OnRejected = async (context, cancellation) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = "1";
                await context.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
                {
                    HttpContext = context.HttpContext,
                    ProblemDetails = { Status = StatusCodes.Status429TooManyRequests, Detail = $"More than {options.RequestsPerSecond} requests in a second from one client.", Extensions = { ["code"] = "too-many-requests" } },
                });
            };
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(ScoreEndpoints.RatePolicy, context => options.RequestsPerSecond == 0
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = options.RequestsPerSecond,
                    TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
                    ReplenishmentPeriod = options.RequestsPerSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / options.RequestsPerSecond),
                }));
        });
    }

    private static void AddTelemetry(IServiceCollection services, ServerOptions options)
    {
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("cobra", serviceVersion: typeof(CobraServer).Assembly.GetName().Version?.ToString()))
            .WithMetrics(metrics => metrics.AddMeter(ServerMetrics.Name).AddAspNetCoreInstrumentation().AddMeter("System.Runtime"))
            .WithTracing(traces => traces.AddSource(ServerMetrics.Name).AddAspNetCoreInstrumentation());
        // The standard variables configure the exporter by themselves; without an address nothing is sent anywhere.
        bool isConfigured = Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("OTEL_EXPORTER_OTLP", StringComparison.Ordinal));
        if (options.OtlpEndpoint is { } endpoint) telemetry.UseOtlpExporter(OtlpExportProtocol.Grpc, endpoint);
        else if (isConfigured) telemetry.UseOtlpExporter();
    }

    private static void MapRequests(WebApplication app, ServerOptions options)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseHostGate(options);
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseRateLimiter();
        RouteGroupBuilder api = app.MapGroup("/v1").AddEndpointFilter(app.Services.GetRequiredService<ApiKeyGate>()).ProducesProblem(StatusCodes.Status401Unauthorized);
        api.MapScore();
        api.MapModel();
        api.MapProducts();
        api.MapResults();
        api.MapSummary();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready");
        app.MapOpenApi();
        app.MapPage();
    }

    /// <summary>What the framework's own answers (no such address, wrong method) leave unsaid.</summary>
    private static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}. See /docs for what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}. See /docs for what it takes.",
        >= StatusCodes.Status500InternalServerError => "The service failed; its log says why.",
        _ => "The request cannot be served as it is. See /docs.",
    };
}
