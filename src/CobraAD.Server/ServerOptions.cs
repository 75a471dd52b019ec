using System.Net;
using CobraAD.Server.Results;
using CobraAD.Server.Watching;

namespace CobraAD.Server;

/// <summary>
/// Everything that can be set about the service. Each option can come from <c>appsettings.json</c> (section "Cobra"), from the
/// environment (<c>COBRA_MODEL=…</c>, or <c>Cobra__Model</c>) and from the command line (<c>--model …</c>); the later wins.
/// </summary>
public sealed record ServerOptions
{
    /// <summary>The exported model to serve.</summary>
    public string Model { get; init; } = "";

    /// <summary>Several products, each with its own model, threshold and watched folder, in place of <see cref="Model"/>.</summary>
    /// <value>Default: none; the service has one model.</value>
    public IReadOnlyList<ProductOptions> Products { get; init; } = [];

    /// <summary>The addresses to listen on, separated by semicolons.</summary>
    /// <value>Default <c>http://127.0.0.1:8080</c>: only this machine. Set an <see cref="ApiKey"/> before opening it to others.</value>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Where the service keeps its own files: results, models sent to it.</summary>
    /// <value>Default <c>cobra-data</c> under the working folder.</value>
    public string DataFolder { get; init; } = "cobra-data";

    /// <summary>A PostgreSQL connection string (<c>Host=…</c> or <c>postgresql://…</c>) or the path of an SQLite file.</summary>
    /// <value>Default: <c>results.db</c>, an SQLite file in <see cref="DataFolder"/>.</value>
    public string? Database { get; init; }

    /// <summary>What is kept of each scored image.</summary>
    /// <value>Default <see cref="ImageRetention.Thumbnails"/>.</value>
    public ImageRetention KeepImages { get; init; } = ImageRetention.Thumbnails;

    /// <summary>How many results are kept; the oldest go first. 0 keeps all.</summary>
    /// <value>Default 100 000.</value>
    public long ResultLimit { get; init; } = 100_000;

    /// <summary>The score above which a part is called anomalous, in place of the model's own.</summary>
    /// <value>Default: the model's.</value>
    public double? Threshold { get; init; }

    /// <summary>When set, every request to <c>/v1</c> must carry it, as <c>X-Api-Key</c> or as a bearer token.</summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Names under which the service may be addressed, separated by semicolons; "*" for any. Any address (an IP, localhost, a name without a
    /// dot) always may; a page of a stranger can point only names with a dot at this machine.
    /// </summary>
    /// <value>Default: with an <see cref="ApiKey"/> any name, since a stranger's page does not have the key; without one, none.</value>
    public string? AllowedHosts { get; init; }

    /// <summary>How many images are scored at the same time.</summary>
    /// <value>Default: the number of cores. In [1, 1024].</value>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How many images may wait for their turn; more are answered with 503.</summary>
    /// <value>Default 256, in [0, 100 000].</value>
    public int QueueLimit { get; init; } = 256;

    /// <summary>Scoring requests that one client may send in a second, on average; more are answered with 429. 0 switches the limit off.</summary>
    /// <value>Default 500, in [0, 1 000 000].</value>
    public int RequestsPerSecond { get; init; } = 500;

    /// <summary>The most bytes of one encoded image.</summary>
    /// <value>Default 32 MiB, in [1 KiB, 1 GiB].</value>
    public int MaxImageBytes { get; init; } = 32 << 20;

    /// <summary>The most bytes of one request.</summary>
    /// <value>Default 128 MiB; at least <see cref="MaxImageBytes"/>.</value>
    public long MaxRequestBytes { get; init; } = 128L << 20;

    /// <summary>The most pixels of one image, read from its header before anything is decoded.</summary>
    /// <value>Default 40 million, in [1024, 1 000 000 000].</value>
    public long MaxPixels { get; init; } = 40_000_000;

    /// <summary>The most images of one request.</summary>
    /// <value>Default 64, in [1, 10 000].</value>
    public int MaxImagesPerRequest { get; init; } = 64;

    /// <summary>The most bytes of a model sent with <c>PUT /v1/model</c>.</summary>
    /// <value>Default 1 GiB, in [1 KiB, 16 GiB].</value>
    public long MaxModelBytes { get; init; } = 1L << 30;

    /// <summary>Memory for the newest images, from which heat maps are made on demand when originals are not kept.</summary>
    /// <value>Default 64 MiB, in [0, 16 GiB].</value>
    public long RecentImageBytes { get; init; } = 64L << 20;

    /// <summary>Good parts in each of the two samples that the drift alarm compares.</summary>
    /// <value>Default 100, in [20, 10 000].</value>
    public int DriftWindow { get; init; } = 100;

    /// <summary>Where metrics and traces go (OTLP). The standard <c>OTEL_*</c> variables work too.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>A folder whose arriving images are scored too.</summary>
    public WatchOptions? Watch { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">No model is named, or an address or the key is unusable.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (Products.Count > 0) ValidateProducts();
        else if (string.IsNullOrWhiteSpace(Model)) throw new ArgumentException("Model is missing: name the exported model, e.g. --model bottle.onnx (make one with 'cobra export').", nameof(Model));
        if (string.IsNullOrWhiteSpace(DataFolder)) throw new ArgumentException("DataFolder is empty: name a folder that the service may write to.", nameof(DataFolder));
        if (File.Exists(DataFolder)) throw new ArgumentException($"DataFolder is '{DataFolder}', which is a file; name a folder.", nameof(DataFolder));
        if (ApiKey is { Length: < 16 }) throw new ArgumentException($"ApiKey has {ApiKey.Length} characters; it needs at least 16, e.g. from 'openssl rand -hex 24'.", nameof(ApiKey));
        if (Threshold is { } threshold && !double.IsFinite(threshold)) throw new ArgumentOutOfRangeException(nameof(Threshold), threshold, "Threshold must be a finite number.");
        if (!Enum.IsDefined(KeepImages)) throw new ArgumentOutOfRangeException(nameof(KeepImages), KeepImages, "KeepImages must be none, thumbnails or originals.");
        Require(ResultLimit, 0, long.MaxValue, nameof(ResultLimit));
        Require(Parallelism, 1, 1024, nameof(Parallelism));
        Require(QueueLimit, 0, 100_000, nameof(QueueLimit));
        Require(RequestsPerSecond, 0, 1_000_000, nameof(RequestsPerSecond));
        Require(MaxImageBytes, 1 << 10, 1 << 30, nameof(MaxImageBytes));
        Require(MaxRequestBytes, MaxImageBytes, 16L << 30, nameof(MaxRequestBytes));
        Require(MaxPixels, 1024, 1_000_000_000, nameof(MaxPixels));
        Require(MaxImagesPerRequest, 1, 10_000, nameof(MaxImagesPerRequest));
        Require(MaxModelBytes, 1 << 10, 16L << 30, nameof(MaxModelBytes));
        Require(RecentImageBytes, 0, 16L << 30, nameof(RecentImageBytes));
        Require(DriftWindow, 20, 10_000, nameof(DriftWindow));
        Watch?.Validate();
        if (OtlpEndpoint is { } endpoint && !(endpoint.IsAbsoluteUri && endpoint.Scheme is "http" or "https"))
        {
            throw new ArgumentException($"OtlpEndpoint is '{endpoint}'; expected an address such as http://collector:4317.", nameof(OtlpEndpoint));
        }

        foreach (string url in Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!BindingAddressIsUsable(url)) throw new ArgumentException($"Urls has '{url}'; expected addresses such as http://127.0.0.1:8080 or http://*:8080.", nameof(Urls));
        }
    }

    /// <summary>What is thrown where an option turns out unusable outside of this class: whoever catches it knows by its name which one was meant.</summary>
    internal static ArgumentException Refused(string option, string message, Exception? reason = null) => new(message, option, reason);

    private void ValidateProducts()
    {
        foreach (ProductOptions product in Products) product.Validate();
        if (Model.Length > 0) throw new ArgumentException($"Model is '{Model}' and there are Products too; name it as one of them.", nameof(Model));
        if (Threshold is not null) throw new ArgumentException("Threshold is a raw score of one model; with several products, set that of each (Products:0:Threshold).", nameof(Threshold));
        if (Watch is not null) throw new ArgumentException("Watch names no product; with several, set the folder of each (Products:0:Watch:Folder).", nameof(Watch));
        if (Products.GroupBy(product => product.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two products are called '{twice.Key}'; names must differ, also in more than capital letters.", nameof(Products));
        if (Products.Where(product => product.Watch is not null).GroupBy(product => Path.GetFullPath(product.Watch!.Folder)).FirstOrDefault(group => group.Count() > 1) is { } shared)
            throw new ArgumentException($"The folder {shared.Key} is watched for {string.Join(" and ", shared.Select(product => product.Name))}; each product needs a folder of its own.", nameof(Products));
    }

    private static bool BindingAddressIsUsable(string url)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(url);
            return address.Scheme is "http" or "https" && address.Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void Require(long value, long least, long most, string option)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(option, value, $"{option} must be in [{least}, {most}].");
    }
}
