using System.Text.Json;
using System.Text.Json.Serialization;

namespace CobraAD.Runtime;

/// <summary>Reads the model's JSON without reflection, which programs compiled ahead of time and programs of one file do not have.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RobustnessEstimate))]
[JsonSerializable(typeof(double[]))]
internal sealed partial class ModelInfoJson : JsonSerializerContext;
