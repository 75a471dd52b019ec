using CobraAD.Server.Drift;
using CobraAD.Server.Results;
using CobraAD.Server.Telemetry;

namespace CobraAD.Server.Scoring;

/// <summary>The products of a service: one without a name, or several with names.</summary>
internal sealed class ProductCatalog : IDisposable
{
    private readonly Dictionary<string, Product> byName;

    public ProductCatalog(ServerOptions options, IScorerLoader loader, ServerMetrics metrics, TimeProvider clock, ILogger<ModelInstaller> logger, IResultStore? store = null)
    {
        All = options.Products.Count == 0
            ? [Make(null, options)]
            : [.. options.Products.Select(product => Make(product.Name, options with { Model = product.Model, Threshold = product.Threshold, DataFolder = Path.Combine(options.DataFolder, "products", product.Name) }))];
        byName = All.Where(product => product.Name is not null).ToDictionary(product => product.Name!, StringComparer.OrdinalIgnoreCase);

        Product Make(string? name, ServerOptions own)
        {
            ModelHost models = new(clock);
            DriftMonitor drift = new(own.DriftWindow);
            return new Product(name, models, new ModelInstaller(own, loader, models, drift, metrics, logger, store) { Product = name }, drift);
        }
    }

    /// <summary>All of them, in the order of the options.</summary>
    public IReadOnlyList<Product> All { get; }

    /// <summary>The product that a request means.</summary>
    /// <param name="name">Its name; may be missing where there is one model.</param>
    /// <exception cref="RefusedException">There is no such product, or several and none is named.</exception>
    public Product Find(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return All.Count == 1 ? All[0]
                : throw new RefusedException(StatusCodes.Status400BadRequest, "product-needed", $"This service inspects several products; say which with ?product=NAME. There are {Names}.");
        }

        return byName.TryGetValue(name, out Product? product) ? product : throw NotFound(name);
    }

    /// <summary>Refuses a name that no product has; a missing one means all.</summary>
    /// <exception cref="RefusedException">There is no such product.</exception>
    public string? Require(string? name) => string.IsNullOrEmpty(name) ? null : Find(name).Name;

    public void Dispose()
    {
        foreach (Product product in All) product.Dispose();
    }

    private string Names => string.Join(", ", byName.Keys);

    private RefusedException NotFound(string name) => new(
        StatusCodes.Status404NotFound, "no-such-product",
        byName.Count == 0 ? $"There is no product '{name}': this service has one model, which needs no name. Leave product out." : $"There is no product '{name}'. There are {Names}.");
}
