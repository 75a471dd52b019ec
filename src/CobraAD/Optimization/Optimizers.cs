using TorchSharp.Modules;

namespace CobraAD.Optimization;

/// <summary>Every optimiser by name: to add one, write a file beside this one and a line here.</summary>
internal static class Optimizers
{
    private static readonly Dictionary<string, Func<OptimizerOptions, IReadOnlyList<(string, Parameter)>, Optimizer>> Factories = new(StringComparer.Ordinal)
    {
        ["lars"] = (options, parameters) => new Lars(options, parameters),
        ["sgd"] = (options, parameters) => new Sgd(options, parameters),
        ["adam"] = (options, parameters) => new Adam(options, parameters),
        ["rmsprop"] = (options, parameters) => new RmsProp(options, parameters),
    };

    public static IReadOnlyCollection<string> Names => Factories.Keys;

    /// <summary>The optimiser that the options name.</summary>
    /// <param name="options">Name and constants.</param>
    /// <param name="parameters">What is updated, e.g. <c>network.named_parameters()</c>; the optimiser does not own them.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static Optimizer Create(OptimizerOptions options, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        options.Validate();
        return Factories[options.Name](options, [.. parameters]);
    }
}
