using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Api.Json;

/// <summary>A whole number or <c>Auto</c>; a number in quotes is one, as where Kubernetes takes numbers and words.</summary>
internal sealed class NumberOrAutoConverter<T> : JsonConverter<OrAuto<T>?>, IValueSchema
    where T : struct, IBinaryInteger<T>
{
    public JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["x-kubernetes-int-or-string"] = true,
    };

    public override OrAuto<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
            _ => "this value",
        };
        return text == OrAuto.Name ? new OrAuto<T>(null)
            : T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new JsonException($"'{(text.Length <= 40 ? text : $"{text[..40]}…")}' is not a whole number; give one, or Auto");
    }

    public override void Write(Utf8JsonWriter writer, OrAuto<T>? value, JsonSerializerOptions options)
    {
        if (value is not { } given)
            writer.WriteNullValue();
        else if (given.Value is { } number)
            writer.WriteRawValue(number.ToString(null, CultureInfo.InvariantCulture));
        else
            writer.WriteStringValue(OrAuto.Name);
    }
}
