using System.Text.RegularExpressions;
using CobraAD.Server.Watching;

namespace CobraAD.Server;

/// <summary>One of several products that a service inspects: its model, and what belongs to it alone.</summary>
public sealed partial record ProductOptions
{
    /// <summary>What requests, results and the page call it: letters, digits, dots, dashes and underscores, at most 64.</summary>
    public string Name { get; init; } = "";

    /// <summary>The exported model.</summary>
    public string Model { get; init; } = "";

    /// <summary>The score above which a part is called anomalous, in place of the model's own.</summary>
    /// <value>Default: the model's.</value>
    public double? Threshold { get; init; }

    /// <summary>A folder whose arriving images are parts of this product.</summary>
    public WatchOptions? Watch { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">The name cannot be used, or no model is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (!Names().IsMatch(Name)) throw new ArgumentException($"A product is called '{Name}'; expected up to 64 letters, digits, dots, dashes and underscores, e.g. bottle.", nameof(Name));
        if (string.IsNullOrWhiteSpace(Model)) throw new ArgumentException($"The product {Name} has no model: name the exported model, e.g. {Name}.onnx.", nameof(Model));
        if (Threshold is { } threshold && !double.IsFinite(threshold)) throw new ArgumentOutOfRangeException(nameof(Threshold), threshold, $"Threshold of the product {Name} must be a finite number.");
        Watch?.Validate();
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
