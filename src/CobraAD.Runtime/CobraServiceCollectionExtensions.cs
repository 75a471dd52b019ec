using Microsoft.Extensions.DependencyInjection;

namespace CobraAD.Runtime;

/// <summary>Registers the detector with dependency injection.</summary>
public static class CobraServiceCollectionExtensions
{
    /// <summary>Adds one <see cref="RobustDetector"/> for the whole application; it is loaded when first asked for.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Names the model file.</param>
    /// <example><code>builder.Services.AddCobra(options => options.ModelPath = "model.onnx");</code></example>
    /// <exception cref="ArgumentException">No model file was named.</exception>
    public static IServiceCollection AddCobra(this IServiceCollection services, Action<CobraServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        CobraServiceOptions options = new();
        configure(options);
        if (string.IsNullOrWhiteSpace(options.ModelPath))
            throw new ArgumentException("AddCobra needs the exported model: set ModelPath to an .onnx file made by 'cobra export'.", nameof(configure));
        options.Detector.Validate();
        return services.AddSingleton(_ => RobustDetector.Load(options.ModelPath, options.Detector));
    }
}
